import v8 from 'node:v8';
import vm from 'node:vm';
import type * as Subject from '#days/day4-metrics/1-tracker/tracker.ts';
import { replaceBuiltin } from '#lib/check/builtin.ts';
import { defineScenario, percentile, type Random } from '#lib/provider';
import { attempt } from '../attempt.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const MILLION = 1_000_000;
/** The first hundred thousand fill what a bounded tracker holds; what it grows by after them is what it keeps. */
const WARM = 100_000;
/** A whole hour, so that windows of whole minutes begin where calls do. */
export const T0 = Date.UTC(2026, 0, 5, 9);
export const TOLERANCE = 0.01;

/** An hour with a million calls, a small window with every outcome, three workers, and a clock that is set back. */
export const scenario = defineScenario({
  traffic: (random) => ({ few: few(random), workers: workers(random), million: million(random) }),
  async play({ PerformanceTracker }: typeof Subject, { traffic, clock }) {
    return {
      empty: attempt(() => new PerformanceTracker().getStats(HOUR, T0)),
      few: attempt(() => tracked(new PerformanceTracker(), traffic.few).getStats(HOUR, T0 + HOUR)),
      million: attempt(() => trackMillion(new PerformanceTracker(), traffic.million.latencies)),
      ranks: attempt(() => {
        const calls = Array.from({ length: 20 }, (_, i) => record(T0 + i, 1000 * (((i * 7) % 20) + 1)));
        return tracked(new PerformanceTracker(), calls).getStats(HOUR, T0 + HOUR);
      }),
      windows: attempt(() => trackWindows(new PerformanceTracker())),
      merged: attempt(() => {
        const whole = new PerformanceTracker();
        for (const calls of traffic.workers) {
          const worker = tracked(new PerformanceTracker(), calls);
          whole.merge(JSON.parse(JSON.stringify(worker.snapshot())));
        }
        return whole.getStats(HOUR, T0 + HOUR);
      }),
      timed: await timeCalls(new PerformanceTracker(), clock.sleep),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const workersMs = traffic.workers.flatMap((calls) => calls.map((call) => call.latencyMs));
    const million = 'value' in value.million ? value.million.value.stats : null;
    const merged = 'value' in value.merged ? value.merged.value : null;
    // An exact answer has an error of 0, and nothing is nearer than that; the target is what the task asks for.
    const bounds = { unit: 'share', better: 'lower', target: TOLERANCE, limit: 0 } as const;
    return {
      'worst error, a million calls': {
        ...bounds,
        value: worstError(million, traffic.million.exactMs),
      },
      'worst error, three workers merged': {
        ...bounds,
        value: worstError(merged, exactMs(workersMs.sort((a, b) => a - b))),
      },
    };
  },
});

/** How far median, p95 and p99 are from the exact ones, at worst; 1 where there are none. */
function worstError(stats: Subject.Stats | null, [p50 = 0, p95 = 0, p99 = 0]: number[]): number {
  if (!stats?.latency) return 1;
  const { latency } = stats;
  const errors = [latency.median / p50 - 1, latency.p95 / p95 - 1, latency.p99 / p99 - 1];
  return Math.max(...errors.map((error) => (Number.isFinite(error) ? Math.abs(error) : 1)));
}

interface Million {
  latencies: Float64Array;
  /** Median, p95 and p99. */
  exactMs: number[];
}

/** By their first draw: to draw and sort a million values once is enough when several subjects meet the same ones. */
const drawn = new Map<number, Million>();

function million(random: Random): Million {
  const key = random.int(2 ** 31);
  let found = drawn.get(key);
  if (!found) {
    const latencies = drawMillion(random, key);
    found = { latencies, exactMs: exactMs(latencies.toSorted()) };
    drawn.clear();
    drawn.set(key, found);
  }
  return found;
}

function exactMs(sorted: Float64Array | number[]): number[] {
  return [50, 95, 99].map((p) => sorted[Math.ceil((p / 100) * sorted.length) - 1] as number);
}

/** Latencies of an hour in which the load grows: log-normal, one in twenty a straggler, and slower to the end. */
function drawMillion(random: Random, start: number): Float64Array {
  const steps = 4096;
  const quantiles = Float64Array.from({ length: steps }, () => {
    const straggler = random.next() < 0.05 ? 6 : 1;
    return 700 * Math.exp(0.6 * random.normal()) * straggler;
  });
  const latencies = new Float64Array(MILLION);
  let state = start;
  for (let i = 0; i < MILLION; i += 1) {
    // A linear congruential step is enough to pick and spread values, and a million of them cost little.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const spread = 0.98 + (0.04 * (state & 0xffff)) / 0x10000;
    latencies[i] = (quantiles[state >>> 20] as number) * spread * (0.5 + (1.2 * i) / MILLION);
  }
  return latencies;
}

/** Two hundred calls of every outcome, some from the cache; times to first token and costs that sum up exactly. */
function few(random: Random): Subject.CallRecord[] {
  return Array.from({ length: 200 }, (_, i) => {
    const latencyMs = Math.round(600 * Math.exp(0.5 * random.normal()));
    const outcome = i % 20 === 3 ? 'error' : i % 40 === 7 ? 'timeout' : 'ok';
    const call = {
      ...record(T0 + random.int(HOUR), outcome === 'error' ? 20 : outcome === 'timeout' ? 10_000 : latencyMs),
      ttftMs: outcome === 'ok' && i % 2 === 0 ? Math.round(latencyMs * 0.3) : null,
      tokens: outcome === 'ok' ? 100 + random.int(400) : 0,
      costMicroUsd: outcome === 'ok' ? 50 + random.int(500) : 0,
      outcome,
    } as const;
    return i % 3 === 2 && outcome === 'ok' ? { ...call, ...FROM_CACHE } : call;
  });
}

const FROM_CACHE = { latencyMs: 3, ttftMs: null, tokens: 0, costMicroUsd: 0, cached: true };

/** Three workers: one busy, fast and with a warm cache, one slow, one with little to do and much trouble. */
function workers(random: Random): Subject.CallRecord[][] {
  return [
    [8000, 400, 2],
    [2000, 1500, 10],
    [500, 5000, 100],
  ].map(([calls = 0, medianMs = 0, cachedOneIn = 1]) =>
    Array.from({ length: calls }, (_, i) => ({
      ...record(T0 + random.int(10 * MINUTE), medianMs * Math.exp(0.5 * random.normal())),
      cached: i % cachedOneIn === 0,
    })),
  );
}

function record(atMs: number, latencyMs: number): Subject.CallRecord {
  return { atMs, latencyMs, ttftMs: null, tokens: 100, costMicroUsd: 60, cached: false, outcome: 'ok' };
}

function tracked(tracker: Subject.PerformanceTracker, calls: Subject.CallRecord[]) {
  for (const call of calls) tracker.trackCall(call);
  return tracker;
}

function trackMillion(tracker: Subject.PerformanceTracker, latencies: Float64Array) {
  const track = (from: number, to: number) => {
    for (let i = from; i < to; i += 1)
      tracker.trackCall(record(T0 + Math.floor((i / MILLION) * HOUR), latencies[i] as number));
  };
  track(0, WARM);
  const beforeBytes = heldBytes();
  track(WARM, MILLION);
  const grownBytes = heldBytes() - beforeBytes;
  const { value: stats, sorted } = countSorted(() => tracker.getStats(HOUR, T0 + HOUR));
  return { stats, sorted, grownBytes };
}

/** Ten hours of a call every six seconds; each second half hour takes 1.5 times as long as the first. */
function trackWindows(tracker: Subject.PerformanceTracker) {
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

/** Times a good call during which the system's clock is set back ten minutes, and two that fail. */
async function timeCalls(tracker: Subject.PerformanceTracker, sleep: (ms: number) => Promise<void>) {
  const usage = { ttftMs: 300, tokens: 120, costMicroUsd: 80, cached: true };
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
  (vm.runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Counts the values that are handed to a sort while `run` is under way. */
function countSorted<T>(run: () => T): { value: T; sorted: number } {
  let sorted = 0;
  const restores: (() => void)[] = [];
  for (const prototype of [Array.prototype, Object.getPrototypeOf(Float64Array.prototype)])
    for (const name of ['sort', 'toSorted']) {
      const count = replaceBuiltin(
        prototype,
        name,
        (original) =>
          function sort(this: unknown, ...args) {
            sorted += (this as ArrayLike<unknown>).length;
            return original.apply(this, args);
          },
      );
      restores.push(count);
    }
  try {
    return { value: run(), sorted };
  } finally {
    for (const restore of restores) restore();
  }
}

/** Exact figures of a list of calls, for the checks. */
export function exactly(calls: readonly Subject.CallRecord[]) {
  const waited = calls.filter((call) => call.outcome !== 'error').map((call) => call.latencyMs);
  const firsts = calls.flatMap((call) => call.ttftMs ?? []);
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const describe = (values: number[]) => ({
    avg: total(values) / values.length,
    min: Math.min(...values),
    median: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
    max: Math.max(...values),
  });
  return {
    calls: calls.length,
    errors: calls.filter((call) => call.outcome === 'error').length,
    timeouts: calls.filter((call) => call.outcome === 'timeout').length,
    totalTokens: total(calls.map((call) => call.tokens)),
    totalCostMicroUsd: total(calls.map((call) => call.costMicroUsd)),
    cacheHitRate: calls.filter((call) => call.cached).length / calls.length,
    latency: describe(waited),
    ttft: describe(firsts),
  };
}
