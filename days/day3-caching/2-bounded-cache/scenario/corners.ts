import type * as Subject from '#days/day3-caching/2-bounded-cache/bounded-cache.ts';
import { sum } from '#lib/provider';
import type * as Contract from '../../contracts/bounded-cache.ts';
import { countSteps } from '../../steps.ts';
import type { Cache } from './policies.ts';
import { ANSWER_BYTES, type Trace } from './traces.ts';

type Options = Contract.CacheOptions;

/** Entries in the cache whose steps are counted. */
export const STEPPED = 1000;
const MEASURED = 200;

export function falsyValues(cache: Cache): { stored: unknown; got: unknown }[] {
  const values = ['', 0, false, null];
  values.forEach((value, i) => void cache.set(`k${i}`, value, { size: 10 }));
  return values.map((stored, i) => ({ stored, got: cache.get(`k${i}`) }));
}

export async function lifetimes(make: (options: Options) => Cache, sleep: (ms: number) => Promise<void>) {
  const cache = make({ maxBytes: 1e6, ttlMs: 1000 });
  cache.set('default', 'a', { size: 10 });
  cache.set('short', 'b', { size: 10, ttlMs: 300 });
  cache.set('long', 'c', { size: 10, ttlMs: 5000 });
  const seen: { atMs: number; default: unknown; short: unknown; long: unknown }[] = [];
  // Not in the moment in which one ends: an answer may be served or gone then.
  for (let atMs = 260; atMs <= 1300; atMs += 260) {
    await sleep(260);
    seen.push({ atMs, default: cache.get('default'), short: cache.get('short'), long: cache.get('long') });
  }
  cache.set('default', 'd', { size: 10 });
  await sleep(900);
  return { seen, renewed: cache.get('default') };
}

const LIVED = { rounds: 20, keys: 40 };

/** Answers that were read twice and then asked for when they had expired, round after round. */
export async function live<C extends Cache>(cache: C, sleep: (ms: number) => Promise<void>): Promise<C> {
  const keys = Array.from({ length: LIVED.keys }, (_, i) => `short-lived ${i}`);
  for (let round = 0; round < LIVED.rounds; round += 1) {
    for (const key of keys) {
      cache.set(key, key, { size: ANSWER_BYTES, ttlMs: 100 });
      for (let read = 0; read < 2; read += 1) cache.get(key);
    }
    await sleep(200);
    for (const key of keys) cache.get(key);
  }
  return cache;
}

/** Timers that 500 entries with a time to live set. */
export function timersSet(cache: Cache): number {
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
export function byteAccounts(cache: Subject.BoundedCache<unknown>) {
  const sizes = new Map<string, number>();
  let [peak, pushedOut] = [0, 0];
  for (let i = 0; i < 400; i += 1) {
    const [key, size] = [`k${(i * i) % 23}`, 100 * (1 + ((i * 37) % 100))];
    const isNew = cache.get(key) === undefined;
    const before = cache.stats().entries;
    sizes.set(key, size);
    cache.set(key, key, { size });
    pushedOut += before + (isNew ? 1 : 0) - cache.stats().entries;
    peak = Math.max(peak, cache.stats().bytes);
  }
  const held = () => [...sizes].filter(([key]) => cache.get(key) !== undefined);
  const before = held();
  cache.set('giant', 'giant', { size: 60_000 });
  const after = held();
  return {
    peak,
    pushedOut,
    claimed: cache.stats(),
    held: sum(after.map(([, size]) => size)),
    entriesBeforeGiant: before.length,
    entriesAfterGiant: after.length,
    keptGiant: cache.get('giant') !== undefined,
    grown: grown(cache),
  };
}

/** What a cache says of an entry that was stored with neither size nor cost, and read. */
export function defaults(cache: Subject.BoundedCache<unknown>) {
  cache.set('plain', 'plain');
  cache.get('plain');
  return cache.stats();
}

/** What is served of a key whose second value can never fit. */
function grown(cache: Cache): unknown {
  cache.set('grown', 'small', { size: 100 });
  cache.set('grown', 'giant', { size: 60_000 });
  return cache.get('grown');
}

/** What a cache says about the look-ups of a trace, beside what they met. */
export function books(cache: Subject.BoundedCache<unknown>, { lookups }: Trace) {
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
export function stepsPerLookup(cache: Cache): number {
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
