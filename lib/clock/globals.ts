// Loaded before time is ever replaced: a server's own limits keep the timers that they find when this is first loaded.
import 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Clock as FakeTimers, withGlobal } from '@sinonjs/fake-timers';
import { sleepWith } from './clock.ts';

/** Where virtual time starts: a Monday morning, the same on every machine. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 9, 0, 0);
/**
 * What `performance.now()` says then: as in a process that has been up for a minute. Code that takes 0 for "not set", as
 * lru-cache does with the moment of an entry, would see something that no real process ever shows it.
 */
export const UPTIME_MS = 60_000;

export interface VirtualGlobals {
  timers: FakeTimers;
  /** Sets a timer of exactly so many milliseconds, also of none. */
  setExactTimer: FakeTimers['setTimeout'];
  restore(): void;
}

/**
 * Puts the process on virtual time: `setTimeout`, `setInterval`, `Date`, `process.hrtime`, `performance.now`,
 * `AbortSignal.timeout`, `timers/promises` with its `scheduler.wait`, and `util.promisify(setTimeout)`. `setImmediate`,
 * `nextTick` and `queueMicrotask` stay real: they wait for the event loop, not for time.
 */
export function installVirtualGlobals(): VirtualGlobals {
  const timers = withGlobal(globalThis).install({
    now: EPOCH_MS,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    // A timer that was set before, by a socket for example, can still be cleared.
    shouldClearNativeTimers: true,
  });
  const setExactTimer = timers.setTimeout;
  timers.setTimeout = wholeDelay(setExactTimer);
  timers.setInterval = wholeDelay(timers.setInterval);
  const restorePromises = fakePromises(timers);
  // fake-timers would replace all of `performance` and so lose marks and event-loop figures; one method is enough.
  const uptimeMs = () => timers.now - EPOCH_MS + UPTIME_MS;
  Object.defineProperty(performance, 'now', { configurable: true, value: uptimeMs });
  const nativeHrtime = process.hrtime;
  process.hrtime = virtualHrtime(uptimeMs);
  hideTimers(timers);
  const nativeTimeout = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => timeoutSignal(timers, ms);
  // Named imports (`import { setTimeout } from 'node:timers/promises'`) only follow after this.
  syncBuiltinESMExports();
  return {
    timers,
    setExactTimer,
    restore() {
      timers.uninstall();
      restorePromises();
      Reflect.deleteProperty(performance, 'now');
      process.hrtime = nativeHrtime;
      AbortSignal.timeout = nativeTimeout;
      syncBuiltinESMExports();
    },
  };
}

/** fake-timers leaves itself on what it puts into the globals; code under the clock must not get at it. */
function hideTimers(timers: FakeTimers): void {
  for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const)
    Reflect.deleteProperty(globalThis[name], 'clock');
  // Its `Date` reads the time from there.
  const reading = Object.freeze({
    get now() {
      return timers.now;
    },
  });
  for (const date of new Set([globalThis.Date, timers.Date]))
    Object.defineProperty(date, 'clock', { configurable: false, writable: false, value: reading });
}

/** `process.hrtime` and `hrtime.bigint`, which count from the same moment as `performance.now`. */
function virtualHrtime(uptimeMs: () => number): NodeJS.HRTime {
  const bigint = () => BigInt(Math.round(uptimeMs() * 1e6));
  const hrtime = (since: [number, number] = [0, 0]): [number, number] => {
    const nanos = bigint() - BigInt(since[0]) * 1_000_000_000n - BigInt(since[1]);
    return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
  };
  return Object.assign(hrtime, { bigint });
}

/** What Node makes of a delay: whole milliseconds, at least one. A loop of empty timers thus takes time. */
function wholeDelay<F extends FakeTimers['setTimeout'] | FakeTimers['setInterval']>(setTimer: F): F {
  const set = ((callback: () => void, ms: unknown, ...args: unknown[]) => {
    const whole = Math.trunc(Number(ms));
    return setTimer(callback, whole >= 1 && whole < 2 ** 31 ? whole : 1, ...args);
  }) as F;
  // fake-timers keeps on the function what it needs to put the global back.
  return Object.assign(set, setTimer);
}

interface WaitOptions {
  signal?: AbortSignal;
}

/** The promise forms of `setTimeout`, which fake-timers gives no lower bound, and `scheduler.wait`, which it lacks. */
function fakePromises(timers: FakeTimers): () => void {
  const sleep = sleepWith(timers.setTimeout, timers.clearTimeout);
  const wait = async <T>(ms?: number, value?: T, { signal }: WaitOptions = {}): Promise<T | undefined> => {
    try {
      await sleep(ms ?? 1, signal);
    } catch (reason) {
      throw Object.assign(new Error('The operation was aborted', { cause: reason }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
      });
    }
    return value;
  };
  timersPromises.setTimeout = wait as typeof timersPromises.setTimeout;
  const { scheduler } = timersPromises;
  Object.defineProperty(scheduler, 'wait', {
    configurable: true,
    value: (ms: number, options?: WaitOptions) => wait(ms, undefined, options),
  });
  Object.defineProperty(globalThis.setTimeout, promisify.custom, { configurable: true, value: wait });
  return () => Reflect.deleteProperty(scheduler, 'wait');
}

function timeoutSignal(timers: FakeTimers, ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  timers.setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}
