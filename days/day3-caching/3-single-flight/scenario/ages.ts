import type { Ended } from '#lib/check/cancellation.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import type { Clock } from '#lib/clock';
import { type Cache, call, type Made, type Make, OPTIONS, type Seen, SHORTEST_LIFE } from './callers.ts';
import { getAndLeave } from './leaving.ts';

/** Keys that one page reads all at once, every so often. */
export const PAGE = { keys: 120, everyMs: 2000, visits: 120, ttlMs: 60_000 };
/** The last moment of the grace of what lives for the shortest time that is allowed, and the first after any grace. */
const LAST_MOMENT_MS = OPTIONS.ttlMs * SHORTEST_LIFE + OPTIONS.graceMs - 1;
const TOO_OLD_MS = OPTIONS.ttlMs + OPTIONS.graceMs + 1;

/** Somebody asks every half second for a minute; the answer is fresh for five seconds. */
export async function expiry(cache: Cache, clock: Clock, make: Make): Promise<Seen[]> {
  const seen = [call(cache, clock, make)];
  await seen[0];
  for (let i = 0; i < 120; i += 1) {
    seen.push(call(cache, clock, make));
    await clock.sleep(500);
  }
  return Promise.all(seen);
}

/** Within the grace: a refresh that comes soon, one that comes late, and callers who leave while it is made. */
export async function grace(cache: Cache, clock: Clock) {
  let takesMs = 100;
  let starts = 0;
  const make = async (signal: AbortSignal): Promise<Made> => {
    starts += 1;
    await clock.sleep(takesMs, signal);
    return { tenant: 'acme', atMs: clock.now() };
  };
  const next = async (ms: number) => {
    await clock.sleep(OPTIONS.ttlMs + OPTIONS.graceMs / 4);
    takesMs = ms;
  };
  const old = await call(cache, clock, make);
  await next(OPTIONS.softTimeoutMs - 10);
  const soon: Ended<Made>[] = [];
  const timersLeft = [
    await timersLeftBy(clock, async () => {
      soon.push(await getAndLeave(cache, clock, make, 'never'));
    }),
  ];
  await next(1000);
  timersLeft.push(await timersLeftBy(clock, () => getAndLeave(cache, clock, make)));
  const before = starts;
  // The refresh that was left behind has ended.
  await clock.sleep(1000);
  const after = await call(cache, clock, make);
  const startsAgain = starts - before;
  await next(1000);
  return { old, soon, timersLeft, after, startsAgain, late: await call(cache, clock, make) };
}

/** A refresh begins in the last moment of the grace and takes long. Past the grace one joins it, and leaves. */
export async function overtaken(cache: Cache, clock: Clock) {
  let starts = 0;
  const make = async (signal: AbortSignal): Promise<Made> => {
    starts += 1;
    if (starts > 1) await clock.sleep(3000, signal);
    return { tenant: 'acme', atMs: clock.now() };
  };
  await call(cache, clock, make);
  await clock.sleep(LAST_MOMENT_MS);
  const first = await call(cache, clock, make);
  await clock.sleep(TOO_OLD_MS - LAST_MOMENT_MS - first.waitedMs);
  await getAndLeave(cache, clock, make);
  await clock.sleep(3000);
  return { next: await call(cache, clock, make), starts };
}

/**
 * An answer, and the provider down from then on: asked in the last moment of the grace of what lives for the shortest time
 * that is allowed, and in the first after time to live and grace.
 */
export async function edges(cache: Cache, clock: Clock) {
  let starts = 0;
  const make = async (): Promise<Made> => {
    starts += 1;
    if (starts > 1) {
      await clock.sleep(50);
      throw new Error('503 from the provider');
    }
    return { tenant: 'acme', atMs: clock.now() };
  };
  await call(cache, clock, make);
  await clock.sleep(LAST_MOMENT_MS);
  const last = await call(cache, clock, make);
  await clock.sleep(TOO_OLD_MS - LAST_MOMENT_MS - last.waitedMs);
  return { last, past: await call(cache, clock, make) };
}

/**
 * Somebody asks every second. The provider is down for 40 s, so that the answer outlives its grace; then it is back; then
 * it hangs for 10 s.
 */
export async function outage(cache: Cache, clock: Clock) {
  const startMs = clock.now();
  const make = async (): Promise<Made> => {
    const atMs = clock.now() - startMs;
    await clock.sleep(atMs >= 60_000 && atMs < 70_000 ? 10_000 : 100);
    if (atMs >= 2000 && atMs < 42_000) throw new Error('503 from the provider');
    return { tenant: 'acme', atMs: clock.now() };
  };
  const seen: Promise<Seen>[] = [];
  for (let i = 0; i < 85; i += 1) {
    seen.push(call(cache, clock, make));
    await clock.sleep(1000);
  }
  return { startMs, seen: await Promise.all(seen) };
}

/** A page reads 120 answers at once, every two seconds for four minutes. They were all made at the first visit. */
export async function page(cache: Cache, clock: Clock) {
  const startsByVisit: number[] = [];
  const madeMs = Array.from({ length: PAGE.keys }, () => [] as number[]);
  for (let visit = 0; visit < PAGE.visits; visit += 1) {
    startsByVisit.push(0);
    for (let i = 0; i < PAGE.keys; i += 1) {
      const make = async (): Promise<Made> => {
        startsByVisit[visit] = (startsByVisit[visit] ?? 0) + 1;
        madeMs[i]?.push(clock.now());
        await clock.sleep(50);
        return { tenant: 'acme', atMs: clock.now() };
      };
      const of = { tenant: 'acme', key: `question ${i}` };
      cache.getOrSet(of, make, { ...OPTIONS, ttlMs: PAGE.ttlMs }).catch(() => {});
    }
    await clock.sleep(PAGE.everyMs);
  }
  const lives = madeMs.flatMap((times) => times.slice(1).map((ms, i) => ms - (times[i] as number)));
  // A page is read every other second, so that an answer can be that much older when it is made again.
  const longestLife = (Math.max(...lives) - PAGE.everyMs) / PAGE.ttlMs;
  const shortestLife = Math.min(...lives) / PAGE.ttlMs;
  return { startsByVisit, shortestLife, longestLife, refreshes: lives.length };
}
