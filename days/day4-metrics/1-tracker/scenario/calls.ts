import { percentile, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/tracker.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const MILLION = 1_000_000;
/** Calls of the hour before. */
export const WARM = 100_000;
/** A whole hour, so that windows of whole minutes begin where calls do. */
export const T0 = Date.UTC(2026, 0, 5, 9);
/** Calls in the middle of the hour are in its window, wherever that is taken to begin and to end. */
export const MIDDLE = T0 + 30 * MINUTE;

interface Million {
  latencies: Float64Array;
  /** Median, p95 and p99. */
  exactMs: number[];
}

/** By their first draw: to draw and sort a million values once is enough when several subjects meet the same ones. */
const drawn = new Map<number, Million>();

export function million(random: Random): Million {
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

export function exactMs(sorted: Float64Array | number[]): number[] {
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
export function few(random: Random): Contract.CallRecord[] {
  return Array.from({ length: 200 }, (_, i) => {
    const latencyMs = Math.round(600 * Math.exp(0.5 * random.normal()));
    const outcome = i % 20 === 3 ? 'error' : i % 40 === 7 ? 'timeout' : 'ok';
    const call = {
      ...record(
        MIDDLE + random.int(20 * MINUTE),
        outcome === 'error' ? 20 : outcome === 'timeout' ? 10_000 : latencyMs,
      ),
      ttftMs: outcome === 'ok' && i % 2 === 0 ? Math.round(latencyMs * 0.3) : null,
      tokens: outcome === 'ok' ? 100 + random.int(400) : 0,
      costMicroUsd: outcome === 'ok' ? 50 + random.int(500) : 0,
      outcome,
    } as const;
    // The cache may fail as well: one call to it is refused, one times out.
    if (i === 23 || i === 47) return { ...call, cached: true };
    return i % 3 === 2 && outcome === 'ok'
      ? { ...call, ...FROM_CACHE }
      : { ...call, ...partsOf(call.tokens) };
  });
}

/** Of the tokens of an answered call: half were read from the provider's cache, some written to it, some thought. */
function partsOf(tokens: number): { parts?: Contract.TokenParts } {
  if (tokens === 0) return {};
  const [cacheRead, cacheWrite, reasoning] = [2, 7, 9].map((part) => Math.floor(tokens / part));
  return { parts: { cacheRead, cacheWrite, reasoning } as Contract.TokenParts };
}

const FROM_CACHE = { latencyMs: 3, ttftMs: null, tokens: 0, costMicroUsd: 0, cached: true };

/** Three workers: one busy, fast and with a warm cache, one slow, one with little to do and much trouble. */
export function workers(random: Random): Contract.CallRecord[][] {
  return [
    [8000, 400, 2],
    [2000, 1500, 10],
    [500, 5000, 100],
  ].map(([calls = 0, medianMs = 0, cachedOneIn = 1]) =>
    Array.from({ length: calls }, (_, i) => ({
      ...record(MIDDLE + random.int(10 * MINUTE), medianMs * Math.exp(0.5 * random.normal())),
      cached: i % cachedOneIn === 0,
      ...partsOf(100 + i),
    })),
  );
}

export function record(atMs: number, latencyMs: number): Contract.CallRecord {
  return { atMs, latencyMs, ttftMs: null, tokens: 100, costMicroUsd: 60, cached: false, outcome: 'ok' };
}

export const REFUSAL: Contract.CallRecord = {
  ...record(MIDDLE, 20),
  ...{ tokens: 0, costMicroUsd: 0, outcome: 'error' },
};

/** One call in each of seven minutes, of 100, 400, 150 … ms, and one in the moment in which the fourth begins. */
export const EDGE_CALLS = [
  ...[100, 400, 150, 600, 500, 800, 1000].map((latencyMs, i) => record(T0 + (i + 0.5) * MINUTE, latencyMs)),
  record(T0 + 3 * MINUTE, 600),
];

/** Windows, the calls in them, and how the second half compares with the first. */
export const EDGES = [
  {
    what: 'three minutes, asked for when the fourth begins',
    minutes: 3,
    nowMs: T0 + 3 * MINUTE,
    calls: 3,
    trend: 0.5,
  },
  {
    what: 'three minutes, asked for 1 ms later',
    minutes: 3,
    nowMs: T0 + 3 * MINUTE + 1,
    calls: 4,
    trend: 0.5,
  },
  {
    what: 'four minutes, asked for in the middle of the fourth',
    minutes: 4,
    nowMs: T0 + 3.5 * MINUTE,
    calls: 5,
    trend: 0.8,
  },
  { what: 'one minute', minutes: 1, nowMs: T0 + 7 * MINUTE, calls: 1, trend: 0 },
  {
    what: 'four minutes, the last two of them without calls',
    minutes: 4,
    nowMs: T0 + 9 * MINUTE,
    calls: 2,
    trend: 0,
  },
  {
    what: 'four minutes, the first two of them without calls',
    minutes: 4,
    nowMs: T0 + 2 * MINUTE,
    calls: 2,
    trend: 0,
  },
  {
    what: 'an hour, asked for when the 61st minute begins',
    minutes: 60,
    nowMs: T0 + HOUR,
    calls: 8,
    trend: 0,
  },
  { what: 'an hour, asked for 1 ms later', minutes: 60, nowMs: T0 + HOUR + 1, calls: 7, trend: 0 },
];

/** Exact figures of a list of calls, for the checks. */
export function exactly(calls: readonly Contract.CallRecord[]) {
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
    parts: {
      cacheRead: total(calls.map(({ parts }) => parts?.cacheRead ?? 0)),
      cacheWrite: total(calls.map(({ parts }) => parts?.cacheWrite ?? 0)),
      reasoning: total(calls.map(({ parts }) => parts?.reasoning ?? 0)),
    },
    cacheHitRate: calls.filter((call) => call.cached && call.outcome === 'ok').length / calls.length,
    latency: describe(waited),
    ttft: describe(firsts),
  };
}
