import type * as Subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { defineScenario, type Random, sum } from '#lib/provider';

export const PLACES = 4;
const ITEMS = 120;
export const LINES = 1_000_000;

/** One pass of `mapConcurrent` over the items, as source, worker and reader saw it. */
export interface Pass {
  /** Items as the reader got them, and when each had finished. */
  read: number[];
  finishedMs: number[];
  makespanMs: number;
  peakUnderWay: number;
  /** Most finished results that waited for the reader at one time. */
  peakWaiting: number;
  /** Most items taken from the source and not yet handed to the reader. */
  peakHeld: number;
}

/** 120 chunks to summarise, four at a time; one in twenty takes eight times as long. */
export const scenario = defineScenario({
  traffic: (random: Random) =>
    Array.from({ length: ITEMS }, () =>
      Math.round(300 * Math.exp(0.35 * random.normal()) * (random.next() < 0.05 ? 8 : 1)),
    ),
  async play({ mapConcurrent }: typeof Subject, { traffic, clock }) {
    const pass = async (ordered: boolean): Promise<Pass> => {
      const seen = { read: [] as number[], peakUnderWay: 0, peakWaiting: 0, peakHeld: 0 };
      const finishedMs: number[] = [];
      let taken = 0;
      let underWay = 0;
      const note = () => {
        const held = taken - seen.read.length;
        seen.peakUnderWay = Math.max(seen.peakUnderWay, underWay);
        seen.peakWaiting = Math.max(seen.peakWaiting, held - underWay);
        seen.peakHeld = Math.max(seen.peakHeld, held);
      };
      async function* source() {
        for (const item of traffic.keys()) {
          taken += 1;
          note();
          yield item;
        }
      }
      const work = async (item: number) => {
        underWay += 1;
        note();
        await clock.sleep(traffic[item] ?? 0);
        underWay -= 1;
        finishedMs[item] = clock.now();
        return item;
      };
      const startMs = clock.now();
      for await (const item of mapConcurrent(source(), PLACES, work, { ordered })) seen.read.push(item);
      return { ...seen, finishedMs, makespanMs: clock.now() - startMs };
    };
    return { inOrder: await pass(true), asTheyFinish: await pass(false) };
  },
  readings({ traffic, outcome }) {
    const { inOrder, asTheyFinish } = outcome.value;
    // All work divided by the places, or the longest item alone.
    const limit = Math.max(sum(traffic) / PLACES, ...traffic);
    return {
      'items held': {
        unit: 'count',
        better: 'lower',
        value: Math.max(inOrder.peakHeld, asTheyFinish.peakHeld),
        target: PLACES + 1,
        // Nothing beats holding nothing but one item: that is what the starter does, and why it is slow.
        limit: 1,
      },
      'makespan in order': {
        unit: 'ms',
        better: 'lower',
        value: inOrder.makespanMs,
        target: slidingWindow(traffic, PLACES) * 1.1,
        limit,
      },
      'makespan as they finish': {
        unit: 'ms',
        better: 'lower',
        value: asTheyFinish.makespanMs,
        target: firstCome(traffic, PLACES) * 1.1,
        limit,
      },
    };
  },
});

/** Makespan of items that start in order, each on the place that is free first. */
function firstCome(durations: number[], places: number): number {
  const freeAtMs = Array.from({ length: places }, () => 0);
  for (const duration of durations) {
    const next = freeAtMs.indexOf(Math.min(...freeAtMs));
    freeAtMs[next] = (freeAtMs[next] ?? 0) + duration;
  }
  return Math.max(...freeAtMs);
}

/** The same when a place is only free again once its result was read in order: a slow head holds up the window. */
function slidingWindow(durations: number[], places: number): number {
  const readMs: number[] = [];
  for (const [i, duration] of durations.entries()) {
    const startMs = readMs[i - places] ?? 0;
    readMs.push(Math.max(readMs[i - 1] ?? 0, startMs + duration));
  }
  return readMs.at(-1) ?? 0;
}

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

/** A source that says whether it was closed. */
function watched<T>(items: readonly T[]) {
  const state = { taken: 0, closed: false };
  async function* source() {
    try {
      for (const item of items) {
        state.taken += 1;
        yield item;
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, source: source() };
}

export interface Left {
  taken: number;
  closed: boolean;
}

/** Small logs, readers that leave early, and items that fail. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ chunks, mapConcurrent }: typeof Subject, { clock }) {
    const split = async (lines: string[]) => {
      const found: string[] = [];
      for await (const chunk of chunks(watched(lines).source)) found.push(chunk);
      return found;
    };
    const unix = await split(['db down', 'retry 1', '', '', 'db up', '   ', 'all clear', '']);
    const windows = await split(['db down\r', 'retry 1\r', '\r', 'db up\r', '\r']);
    const last = await split(['db down', '', 'db up', 'all clear']);
    const empty = await split([]);

    const log = watched(['one', '', 'two', '', 'three', '', 'four']);
    for await (const chunk of chunks(log.source)) if (chunk) break;

    const leave = async (ordered: boolean): Promise<Left> => {
      const { source, state } = watched(Array.from({ length: 50 }, (_, i) => i));
      const work = async (item: number) => {
        await clock.sleep(100);
        return item;
      };
      for await (const item of mapConcurrent(source, PLACES, work, { ordered })) if (item >= 0) break;
      const left = { ...state };
      await clock.sleep(1000);
      return { taken: state.taken, closed: left.closed };
    };

    const fail = async (ordered: boolean) => {
      const { source, state } = watched(Array.from({ length: 50 }, (_, i) => i));
      const work = async (item: number) => {
        await clock.sleep(100 + item);
        if (item === 2 || item === 3) throw new Error(`item ${item} failed`);
        return item;
      };
      const errors: string[] = [];
      const read: number[] = [];
      const results = mapConcurrent(source, PLACES, work, { ordered });
      for (let step = 0; step < 60; step += 1) {
        try {
          const { done, value } = await results.next();
          if (done) break;
          read.push(value);
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error));
        }
      }
      await clock.sleep(1000);
      return { errors, read, ...state };
    };
    return {
      chunks: { unix, windows, last, empty },
      left: {
        chunks: { ...log.state } as Left,
        inOrder: await leave(true),
        asTheyFinish: await leave(false),
      },
      failed: { inOrder: await fail(true), asTheyFinish: await fail(false) },
    };
  },
});
