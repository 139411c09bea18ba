import { callAndLeave, type Leaving } from '#lib/check/cancellation.ts';
import type { Clock } from '#lib/clock';
import { type Cache, call, type Made, type Make, OPTIONS } from './callers.ts';

/** How long one waits who then leaves. */
export const LEAVES_MS = 100;

/** Asks like the others, and leaves. */
export function getAndLeave(cache: Cache, clock: Clock, make: Make, leaving: Leaving = LEAVES_MS) {
  return callAndLeave(clock, leaving, (signal) =>
    cache.getOrSet({ tenant: 'acme', key: 'plans' }, make, { ...OPTIONS, signal }),
  );
}

/** Ten wait for one answer. The one who asked first leaves after 100 ms, then all others but one. */
export async function leaving(cache: Cache, clock: Clock, make: Make) {
  const first = getAndLeave(cache, clock, make);
  await clock.sleep(10);
  const others = Array.from({ length: 8 }, () => getAndLeave(cache, clock, make));
  const last = call(cache, clock, make);
  return { first: await first, others: await Promise.all(others), last: await last };
}

/** Two wait for one answer, and both leave. */
export function abandoned(cache: Cache, clock: Clock, make: Make) {
  return Promise.all([getAndLeave(cache, clock, make), getAndLeave(cache, clock, make)]);
}

/** One who had left before it asked, and one who stays to the end. */
export async function otherwise(cache: Cache, clock: Clock) {
  let starts = 0;
  const make = async (): Promise<Made> => {
    starts += 1;
    await clock.sleep(1000);
    return { tenant: 'acme', atMs: clock.now() };
  };
  const before = await getAndLeave(cache, clock, make, 'before');
  return { before, startsBefore: starts, stayed: await getAndLeave(cache, clock, make, 'never') };
}

/**
 * The only one who waits leaves; in the next moment another one asks, and a third when the call that was stopped has
 * ended. It takes a while to do so.
 */
export async function afterLast(cache: Cache, clock: Clock) {
  let starts = 0;
  const make = async (signal: AbortSignal): Promise<Made> => {
    starts += 1;
    try {
      await clock.sleep(1000, signal);
    } catch (error) {
      await clock.sleep(50);
      throw error;
    }
    return { tenant: 'acme', atMs: clock.now() };
  };
  const user = new AbortController();
  const left = cache.getOrSet({ tenant: 'acme', key: 'plans' }, make, { ...OPTIONS, signal: user.signal });
  left.catch(() => {});
  await clock.sleep(LEAVES_MS);
  user.abort(new Error('the user left'));
  const next = call(cache, clock, make);
  await clock.sleep(LEAVES_MS);
  const third = call(cache, clock, make);
  return { next: await next, third: await third, starts };
}

/** Leaves while an old answer could be shown and the new one is waited for. */
export async function inGrace(cache: Cache, clock: Clock) {
  const make = async (): Promise<Made> => {
    await clock.sleep(2000);
    return { tenant: 'acme', atMs: clock.now() };
  };
  await call(cache, clock, make);
  await clock.sleep(OPTIONS.ttlMs + OPTIONS.graceMs / 4);
  return getAndLeave(cache, clock, make);
}
