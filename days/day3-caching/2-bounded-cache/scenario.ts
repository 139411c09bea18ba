import type * as Subject from '#days/day3-caching/2-bounded-cache/bounded-cache.ts';
import { defineScenario, type Random, type Reading, sum } from '#lib/provider';
import type * as Contract from '../contracts/bounded-cache.ts';
import { countSteps } from '../steps.ts';

type Cache = Pick<Subject.BoundedCache<unknown>, 'get' | 'set'>;
type Options = Contract.CacheOptions;

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

/** What a policy made of a trace. */
export interface Result {
  hitRate: number;
  usdPerMb: number;
}

export const TRACES = ['Zipf', 'scan', 'shift', 'mixed'] as const;
export type TraceName = (typeof TRACES)[number];

export const LOOKUPS = 6000;
/** In three of the traces all answers are of one size, so that hit rates can be held against Bélády's optimum. */
const ANSWER_BYTES = 1000;
const ROOM = 150;
/** Entries in the cache whose steps are counted. */
const STEPPED = 1000;
const MEASURED = 200;

/** Four streams of look-ups, and the corners of the contract. No provider: what counts is what is still there. */
export const scenario = defineScenario({
  traffic: (random): Record<TraceName, Trace> => ({
    Zipf: uniform(zipfTrace(random)),
    scan: uniform(scanTrace(random)),
    shift: uniform(shiftTrace(random)),
    mixed: mixedTrace(random),
  }),
  async play({ BoundedCache }: typeof Subject, { clock, traffic }) {
    const results = each((name) =>
      replay(new BoundedCache<unknown>({ maxBytes: traffic[name].maxBytes }), traffic[name]),
    );
    return {
      results,
      falsy: falsyValues(new BoundedCache<unknown>({ maxBytes: 1e6 })),
      life: await lifetimes(
        (options) => new BoundedCache<unknown>(options),
        (ms) => clock.sleep(ms),
      ),
      timers: timersSet(new BoundedCache<unknown>({ maxBytes: 1e6, ttlMs: 1000 })),
      bytes: byteAccounts(new BoundedCache<unknown>({ maxBytes: 50_000 })),
      books: books(new BoundedCache<unknown>({ maxBytes: traffic.mixed.maxBytes }), traffic.mixed),
      steps: stepsPerLookup(new BoundedCache<unknown>({ maxBytes: STEPPED * ANSWER_BYTES })),
    };
  },
  readings({ outcome, traffic }): Record<string, Reading> {
    const { results } = outcome.value;
    const yardsticks = each((name) => yardstick(traffic[name]));
    const optimum = each((name) => belady(traffic[name]));
    const rate = (name: TraceName, target: number): Reading => ({
      unit: 'share',
      better: 'higher',
      value: results[name].hitRate,
      target,
      limit: optimum[name],
    });
    const { Zipf, scan, shift, mixed } = yardsticks;
    return {
      // FIFO stays some points below LRU on Zipf traffic.
      'hit rate, Zipf': rate('Zipf', (Zipf.FIFO.hitRate + 2 * Zipf.LRU.hitRate) / 3),
      // LRU loses its hot set to each scan; part of the way from there to the optimum must be won back.
      'hit rate, scan': rate('scan', scan.LRU.hitRate + 0.3 * (optimum.scan - scan.LRU.hitRate)),
      // LFU keeps what was hot once; LRU follows at once.
      'hit rate, shift': rate('shift', (shift.LFU.hitRate + shift.LRU.hitRate) / 2),
      'dollars saved per MB': {
        unit: 'usd',
        better: 'higher',
        value: results.mixed.usdPerMb,
        target: mixed.LRU.usdPerMb,
        limit: mostSaved(traffic.mixed),
      },
    };
  },
  chart: ({ outcome, traffic }) => policies(traffic, outcome.value.results),
});

/** The chart of a run: hit rate by trace and policy, and dollars saved per megabyte. */
function policies(traffic: Record<TraceName, Trace>, yours: Record<TraceName, Result>): string {
  const lines = TRACES.flatMap((name) => {
    const rows = { ...yardstick(traffic[name]), yours: yours[name] };
    const best = name === 'mixed' ? mostSaved(traffic.mixed) : belady(traffic[name]);
    const value = (result: Result) => (name === 'mixed' ? result.usdPerMb : result.hitRate);
    const shown = (x: number) => (name === 'mixed' ? `$${x.toFixed(2)} a MB` : `${(x * 100).toFixed(1)} %`);
    const bars = Object.entries(rows).map(([policy, result]) => bar(policy, value(result), best, shown));
    return [
      `${name}: ${name === 'mixed' ? 'dollars saved' : 'hit rate'}`,
      ...bars,
      bar('optimum', best, best, shown),
      '',
    ];
  });
  return lines.join('\n');
}

const BAR = 40;

function bar(label: string, value: number, full: number, shown: (x: number) => string): string {
  return `  ${label.padEnd(8)} ${'█'.repeat(Math.round((value / full) * BAR)).padEnd(BAR)} ${shown(value)}`;
}

// --- the traces --------------------------------------------------------------------------------------------------

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

function zipfTrace(random: Random): string[] {
  const rank = zipf(random, 1500);
  return Array.from({ length: LOOKUPS }, () => `question ${rank()}`);
}

/** Zipf traffic, and twice a job that reads 1,000 answers once each. */
function scanTrace(random: Random): string[] {
  const rank = zipf(random, 400);
  const hot = () => Array.from({ length: LOOKUPS / 6 }, () => `question ${rank()}`);
  const job = (name: string) => Array.from({ length: LOOKUPS / 6 }, (_, i) => `${name} ${i}`);
  const woven = (name: string) =>
    job(name).flatMap((key, i) => [key, `question ${rank()}`].slice(0, i % 2 ? 1 : 2));
  return [...hot(), ...woven('export'), ...hot(), ...woven('import'), ...hot()];
}

/** What is asked changes four times, all at once: another product is launched. */
function shiftTrace(random: Random): string[] {
  const rank = zipf(random, 400);
  return Array.from(
    { length: LOOKUPS },
    (_, i) => `launch ${Math.floor(i / (LOOKUPS / 5))} question ${rank()}`,
  );
}

function uniform(keys: string[]): Trace {
  return {
    lookups: keys.map((key) => ({ key, size: ANSWER_BYTES, cost: 600 })),
    maxBytes: ROOM * ANSWER_BYTES,
  };
}

/** Sizes from 200 bytes to 20 KB; long answers also cost more, but not in proportion. */
function mixedTrace(random: Random): Trace {
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

// --- what a policy makes of them ---------------------------------------------------------------------------------

export function replay(cache: Cache, { lookups, maxBytes }: Trace): Result {
  let hits = 0;
  let saved = 0;
  for (const { key, size, cost } of lookups) {
    if (cache.get(key) === key) {
      hits += 1;
      saved += cost;
    } else cache.set(key, key, { size, cost });
  }
  // A cache that takes more room than it was given pays for it.
  const kept = new Map(lookups.map(({ key, size }) => [key, size]));
  const held = sum([...kept].map(([key, size]) => (cache.get(key) === undefined ? 0 : size)));
  return { hitRate: hits / lookups.length, usdPerMb: saved / Math.max(maxBytes, held) };
}

/** What the three textbook policies make of a trace. */
function yardstick(trace: Trace): Record<'FIFO' | 'LRU' | 'LFU', Result> {
  return {
    FIFO: replay(listed(trace, false), trace),
    LRU: replay(listed(trace, true), trace),
    LFU: replay(byFrequency(trace), trace),
  };
}

/** Evicts from the front of the list; LRU also moves what is read to its end. */
function listed({ maxBytes }: Trace, movesOnRead: boolean): Cache {
  const list = new Map<string, number>();
  let bytes = 0;
  return {
    get(key) {
      const size = list.get(key);
      if (size === undefined) return undefined;
      if (movesOnRead) {
        list.delete(key);
        list.set(key, size);
      }
      return key;
    },
    set(key, _, { size = 1 } = {}) {
      list.set(key, size);
      bytes += size;
      for (const [oldest, freed] of list) {
        if (bytes <= maxBytes) break;
        list.delete(oldest);
        bytes -= freed;
      }
    },
  };
}

/** Evicts what was read least often since it came. */
function byFrequency({ maxBytes }: Trace): Cache {
  const list = new Map<string, { size: number; reads: number }>();
  let bytes = 0;
  return {
    get(key) {
      const entry = list.get(key);
      if (entry) entry.reads += 1;
      return entry && key;
    },
    set(key, _, { size = 1 } = {}) {
      bytes += size;
      while (bytes > maxBytes) {
        let least: string | undefined;
        let fewest = Number.POSITIVE_INFINITY;
        for (const [candidate, { reads }] of list) {
          if (reads >= fewest) continue;
          [least, fewest] = [candidate, reads];
          if (reads === 0) break;
        }
        if (least === undefined) break;
        bytes -= list.get(least)?.size ?? 0;
        list.delete(least);
      }
      list.set(key, { size, reads: 0 });
    },
  };
}

/**
 * The hit rate of Bélády's optimum for answers of one size: it knows the future and gives up what is wanted last,
 * also the new one itself.
 */
function belady({ lookups, maxBytes }: Trace): number {
  const room = Math.floor(maxBytes / ANSWER_BYTES);
  const nextUse = uses(lookups);
  const held = new Map<string, number>();
  let hits = 0;
  lookups.forEach(({ key }, now) => {
    if (held.has(key)) hits += 1;
    held.set(key, nextUse[now] as number);
    if (held.size <= room) return;
    let [last, latest] = ['', -1];
    for (const [candidate, use] of held) if (use > latest) [last, latest] = [candidate, use];
    held.delete(last);
  });
  return hits / lookups.length;
}

/**
 * No policy saves more than this. Each hit holds its bytes from one use to the next; the room is bytes times look-ups;
 * fill it with the hits that save most for the room they take, parts of hits included. (The bound PFOO-U of Berger,
 * Beckmann and Harchol-Balter, "Practical Bounds on Optimal Caching with Variable Object Sizes", SIGMETRICS 2018.)
 */
function mostSaved({ lookups, maxBytes }: Trace): number {
  const hits = uses(lookups).flatMap((next, now) => {
    const { size, cost } = lookups[now] as Lookup;
    return next === Number.POSITIVE_INFINITY ? [] : [{ cost, room: size * (next - now) }];
  });
  hits.sort((a, b) => b.cost / b.room - a.cost / a.room);
  let left = maxBytes * lookups.length;
  const saved = hits.map(({ cost, room }) => {
    const part = Math.min(1, left / room);
    left -= part * room;
    return cost * part;
  });
  return sum(saved) / maxBytes;
}

/** For each look-up, when its key is asked for next. */
function uses(lookups: readonly Lookup[]): number[] {
  const next = new Map<string, number>();
  const found = lookups.map(() => Number.POSITIVE_INFINITY);
  for (let i = lookups.length - 1; i >= 0; i -= 1) {
    const { key } = lookups[i] as Lookup;
    found[i] = next.get(key) ?? Number.POSITIVE_INFINITY;
    next.set(key, i);
  }
  return found;
}

function each<R>(of: (name: TraceName) => R): Record<TraceName, R> {
  return Object.fromEntries(TRACES.map((name) => [name, of(name)])) as Record<TraceName, R>;
}

// --- the corners of the contract ---------------------------------------------------------------------------------

function falsyValues(cache: Cache): { stored: unknown; got: unknown }[] {
  const values = ['', 0, false, null];
  values.forEach((value, i) => void cache.set(`k${i}`, value, { size: 10 }));
  return values.map((stored, i) => ({ stored, got: cache.get(`k${i}`) }));
}

async function lifetimes(make: (options: Options) => Cache, sleep: (ms: number) => Promise<void>) {
  const cache = make({ maxBytes: 1e6, ttlMs: 1000 });
  cache.set('default', 'a', { size: 10 });
  cache.set('short', 'b', { size: 10, ttlMs: 300 });
  cache.set('long', 'c', { size: 10, ttlMs: 5000 });
  const seen: { atMs: number; default: unknown; short: unknown; long: unknown }[] = [];
  for (let atMs = 250; atMs <= 1250; atMs += 250) {
    await sleep(250);
    seen.push({ atMs, default: cache.get('default'), short: cache.get('short'), long: cache.get('long') });
  }
  cache.set('default', 'd', { size: 10 });
  await sleep(900);
  return { seen, renewed: cache.get('default') };
}

/** Timers that 500 entries with a time to live set. */
function timersSet(cache: Cache): number {
  const { setTimeout, setInterval } = globalThis;
  let timers = 0;
  const counting = <F extends (...args: never[]) => unknown>(set: F) =>
    ((...args: never[]) => {
      timers += 1;
      return set(...args);
    }) as unknown as F;
  globalThis.setTimeout = Object.assign(counting(setTimeout), setTimeout) as typeof setTimeout;
  globalThis.setInterval = Object.assign(counting(setInterval), setInterval) as typeof setInterval;
  try {
    for (let i = 0; i < 500; i += 1) cache.set(`k${i}`, i, { size: 10 });
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
  return timers;
}

/** Fills a cache of 50,000 bytes with answers of 100 to 10,000, then looks what is really there. */
function byteAccounts(cache: Subject.BoundedCache<unknown>) {
  const sizes = new Map<string, number>();
  let peak = 0;
  for (let i = 0; i < 400; i += 1) {
    const [key, size] = [`k${(i * i) % 23}`, 100 * (1 + ((i * 37) % 100))];
    sizes.set(key, size);
    cache.set(key, key, { size });
    peak = Math.max(peak, cache.stats().bytes);
  }
  const held = () => [...sizes].filter(([key]) => cache.get(key) !== undefined);
  const before = held();
  cache.set('giant', 'giant', { size: 60_000 });
  const after = held();
  return {
    peak,
    claimed: cache.stats().bytes,
    held: sum(after.map(([, size]) => size)),
    entriesBeforeGiant: before.length,
    entriesAfterGiant: after.length,
    keptGiant: cache.get('giant') !== undefined,
  };
}

/** What a cache says about the look-ups of a trace, beside what they met. */
function books(cache: Subject.BoundedCache<unknown>, { lookups }: Trace) {
  const met = { hits: 0, misses: 0, savedMicroUsd: 0 };
  for (const { key, size, cost } of lookups) {
    if (cache.get(key) === key) {
      met.hits += 1;
      met.savedMicroUsd += cost;
    } else {
      met.misses += 1;
      cache.set(key, key, { size, cost });
    }
  }
  return { met, said: cache.stats() };
}

/** Steps for each look-up or store, once the cache is full. */
function stepsPerLookup(cache: Cache): number {
  const visit = (i: number) => {
    if (cache.get(`k${i % 7 === 0 ? i % 50 : i}`) === undefined)
      cache.set(`k${i}`, i, { size: ANSWER_BYTES });
  };
  for (let i = 0; i < 2 * STEPPED; i += 1) visit(i);
  const steps = countSteps(() => {
    for (let i = 2 * STEPPED; i < 2 * STEPPED + MEASURED; i += 1) visit(i);
  });
  return steps / MEASURED;
}
