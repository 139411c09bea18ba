import type * as Subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { defineScenario } from '#lib/provider';

export const LINES = 1_000_000;

/** A log of a million lines in chunks of three to seven, of which only the lines in hand are counted. */
export const bigLog = defineScenario({
  traffic: (random) => Array.from({ length: 1000 }, () => 3 + random.int(5)),
  async play({ chunks }: typeof Subject, { traffic }) {
    let taken = 0;
    let given = 0;
    let count = 0;
    let peakHeld = 0;
    const log = bigSource(traffic, () => {
      taken += 1;
      peakHeld = Math.max(peakHeld, taken - given);
    });
    for await (const chunk of chunks(log)) {
      given += (chunk.length + 1) / 2;
      count += 1;
    }
    return { taken, given, count, peakHeld };
  },
  readings({ traffic, outcome }) {
    // A chunk cannot be given before all its lines are there; two chunks leave room to look ahead.
    const largest = Math.max(...traffic);
    return {
      'lines held': {
        unit: 'count',
        better: 'lower',
        value: outcome.value.peakHeld,
        target: 2 * largest,
        limit: largest,
      },
    };
  },
});

/**
 * Lines "x" with blank ones between the chunks, without a file and without a promise for each line: a million steps
 * should cost the time of the code under check. A chunk of k lines is joined to 2k - 1 characters.
 */
function bigSource(sizes: readonly number[], onLine: () => void): AsyncIterable<string> {
  const line = Promise.resolve({ done: false as const, value: 'x' });
  const blank = Promise.resolve({ done: false as const, value: '' });
  const end = Promise.resolve({ done: true as const, value: undefined });
  let step = 0;
  let left = sizes[0] ?? 1;
  let chunk = 0;
  const next = () => {
    if (step === LINES) return end;
    step += 1;
    if (left === 0) {
      chunk += 1;
      left = sizes[chunk % sizes.length] ?? 1;
      return blank;
    }
    left -= 1;
    onLine();
    return line;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => end }) };
}
