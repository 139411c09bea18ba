import v8 from 'node:v8';
import vm from 'node:vm';
import type * as Subject from '#days/day4-metrics/1-tracker/tracker.ts';
import { replaceBuiltin } from '#lib/check/builtin.ts';
import { attempt } from '../../attempt.ts';
import type * as Contract from '../../contracts/tracker.ts';
import { HOUR, MILLION, MINUTE, record, T0, WARM } from './calls.ts';

export const TOLERANCE = 0.01;

/** How far median, p95 and p99 are from the exact ones, at worst; 1 where there are none. */
export function worstError(stats: Contract.Stats | null, [p50 = 0, p95 = 0, p99 = 0]: number[]): number {
  if (!stats?.latency) return 1;
  const { latency } = stats;
  const errors = [latency.median / p50 - 1, latency.p95 / p95 - 1, latency.p99 / p99 - 1];
  return Math.max(...errors.map((error) => (Number.isFinite(error) ? Math.abs(error) : 1)));
}

export function tracked(tracker: Subject.PerformanceTracker, calls: Contract.CallRecord[]) {
  for (const call of calls) tracker.trackCall(call);
  return tracker;
}

/** An hour with a tenth of the calls fills what a bounded tracker holds; what it grows by in the next is what it keeps. */
export function trackMillion(tracker: Subject.PerformanceTracker, latencies: Float64Array) {
  const track = (fromMs: number, step: number) => {
    for (let i = 0; i < MILLION; i += step)
      tracker.trackCall(record(fromMs + Math.floor((i / MILLION) * 58 * MINUTE), latencies[i] as number));
  };
  track(T0 - 59 * MINUTE, MILLION / WARM);
  const beforeBytes = heldBytes();
  track(T0 + MINUTE, 1);
  const grownBytes = heldBytes() - beforeBytes;
  const { value: stats, sorted } = countSorted(() => tracker.getStats(HOUR, T0 + HOUR));
  return { stats, sorted, grownBytes };
}

/** Ten hours of a call every six seconds; each second half hour takes 1.5 times as long as the first. */
export function trackWindows(tracker: Subject.PerformanceTracker) {
  const sizes: number[] = [];
  for (let hour = 0; hour < 10; hour += 1) {
    for (let i = 0; i < 600; i += 1)
      tracker.trackCall(
        record(T0 + hour * HOUR + i * 6000, (hour % 2 === 0 ? 100 : 300) * (i < 300 ? 1 : 1.5)),
      );
    sizes.push(JSON.stringify(tracker.snapshot()).length);
  }
  const endMs = T0 + 10 * HOUR;
  return {
    sizes,
    hour: tracker.getStats(HOUR, endMs),
    lastMinutes: tracker.getStats(20 * MINUTE, endMs),
    later: tracker.getStats(HOUR, endMs + 2 * HOUR),
  };
}

/** What the good one of the timed calls used at prices of their own. */
export const TIMED_PARTS = { cacheRead: 64, cacheWrite: 16, reasoning: 8 };

/** Times a good call during which the system's clock is set back ten minutes, and three that fail. */
export async function timeCalls(tracker: Subject.PerformanceTracker, sleep: (ms: number) => Promise<void>) {
  const usage = { ttftMs: 300, tokens: 120, parts: TIMED_PARTS, costMicroUsd: 80, cached: true };
  const fail = async (ms: number, name: string) => {
    await sleep(ms);
    throw Object.assign(new Error(name), { name });
  };
  const restore = { Date: globalThis.Date };
  const settled = [];
  try {
    settled.push(
      await settle(() =>
        tracker.timeCall(async () => {
          await sleep(500);
          globalThis.Date = setBack(restore.Date, 10 * MINUTE);
          await sleep(700);
          return usage;
        }),
      ),
    );
  } finally {
    globalThis.Date = restore.Date;
  }
  settled.push(await settle(() => tracker.timeCall(() => fail(4000, 'TimeoutError'))));
  settled.push(await settle(() => tracker.timeCall(() => fail(20, 'RateLimitError'))));
  settled.push(
    await settle(() =>
      tracker.timeCall(() => {
        throw Object.assign(new Error('no key'), { name: 'ConfigError' });
      }),
    ),
  );
  const nowMs = Math.ceil(Date.now() / MINUTE + 1) * MINUTE;
  return { settled, stats: attempt(() => tracker.getStats(HOUR, nowMs)) };
}

function setBack(Real: DateConstructor, byMs: number): DateConstructor {
  return class extends Real {
    constructor(...args: [number]) {
      super(...(args.length > 0 ? args : ([Real.now() - byMs] as [number])));
    }
    static override now() {
      return Real.now() - byMs;
    }
  } as DateConstructor;
}

async function settle(run: () => Promise<unknown>): Promise<string> {
  // Within the chain, so that a tracker which gives back no promise is told so, not thrown at.
  return Promise.resolve()
    .then(run)
    .then(
      () => 'resolved',
      (error: unknown) => `rejected with ${(error as Error)?.name}`,
    );
}

/** Bytes that are held after everything which nobody holds has been cleared away. */
function heldBytes(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  // Twice: what is held by something that is held by nobody may outlive the first.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Counts the values that are handed to a sort while `run` is under way. */
function countSorted<T>(run: () => T): { value: T; sorted: number } {
  let sorted = 0;
  const restores: (() => void)[] = [];
  for (const prototype of [Array.prototype, Object.getPrototypeOf(Float64Array.prototype)])
    for (const name of ['sort', 'toSorted']) {
      const restore = replaceBuiltin(
        prototype,
        name,
        (original) =>
          function sort(this: unknown, ...args) {
            sorted += (this as ArrayLike<unknown>).length;
            return original.apply(this, args);
          },
      );
      restores.push(restore);
    }
  try {
    return { value: run(), sorted };
  } finally {
    for (const restore of restores) restore();
  }
}
