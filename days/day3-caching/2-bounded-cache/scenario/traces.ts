import type { Random } from '#lib/provider';

/** One look-up: what is asked for, what it takes to keep and to make again. */
export interface Lookup {
  key: string;
  size: number;
  cost: number;
}

export interface Trace {
  lookups: Lookup[];
  maxBytes: number;
}

export const TRACES = ['Zipf', 'scan', 'shift', 'mixed'] as const;
export type TraceName = (typeof TRACES)[number];

export const LOOKUPS = 6000;
/** In three of the traces all answers are of one size, so that hit rates can be held against Bélády's optimum. */
export const ANSWER_BYTES = 1000;
const ROOM = 150;

/** Ranks drawn by Zipf's law: rank r comes with a weight of 1 / r. */
function zipf(random: Random, keys: number): () => number {
  const weights: number[] = [];
  for (let rank = 1; rank <= keys; rank += 1) weights.push((weights.at(-1) ?? 0) + 1 / rank);
  const total = weights.at(-1) as number;
  return () => {
    const drawn = random.next() * total;
    let [low, high] = [0, keys - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((weights[middle] as number) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

export function zipfTrace(random: Random): string[] {
  const rank = zipf(random, 1500);
  return Array.from({ length: LOOKUPS }, () => `question ${rank()}`);
}

/** Zipf traffic, and twice a job that reads 1,000 answers once each. */
export function scanTrace(random: Random): string[] {
  const rank = zipf(random, 400);
  const hot = () => Array.from({ length: LOOKUPS / 6 }, () => `question ${rank()}`);
  const job = (name: string) => Array.from({ length: LOOKUPS / 6 }, (_, i) => `${name} ${i}`);
  const woven = (name: string) =>
    job(name).flatMap((key, i) => [key, `question ${rank()}`].slice(0, i % 2 ? 1 : 2));
  return [...hot(), ...woven('export'), ...hot(), ...woven('import'), ...hot()];
}

/** What is asked changes four times, all at once: another product is launched. */
export function shiftTrace(random: Random): string[] {
  const rank = zipf(random, 400);
  return Array.from(
    { length: LOOKUPS },
    (_, i) => `launch ${Math.floor(i / (LOOKUPS / 5))} question ${rank()}`,
  );
}

export function uniform(keys: string[]): Trace {
  return {
    lookups: keys.map((key) => ({ key, size: ANSWER_BYTES, cost: 600 })),
    maxBytes: ROOM * ANSWER_BYTES,
  };
}

/** Sizes from 200 bytes to 20 KB; long answers also cost more, but not in proportion. */
export function mixedTrace(random: Random): Trace {
  const rank = zipf(random, 1500);
  const kinds = Array.from({ length: 1500 }, (_, i) => {
    const size = Math.round(200 * 100 ** random.next());
    return {
      key: `question ${i}`,
      size,
      cost: Math.round(100 + 20 * Math.sqrt(size) * (0.3 + random.next())),
    };
  });
  const lookups = Array.from({ length: LOOKUPS }, () => kinds[rank()] as Lookup);
  return { lookups, maxBytes: 600_000 };
}

export function each<R>(of: (name: TraceName) => R): Record<TraceName, R> {
  return Object.fromEntries(TRACES.map((name) => [name, of(name)])) as Record<TraceName, R>;
}
