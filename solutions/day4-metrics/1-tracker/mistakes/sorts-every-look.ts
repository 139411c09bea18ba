/*
 * Belief: Keep every call, and sort when somebody asks.
 * Effect: A million calls stay in memory, and each look sorts them all.
 * Rejected by: a million calls fit in bounded memory
 * Whole: it keeps every call, so that hardly a line of the solution is left
 */

export interface Usage {
  /** Time to first token; null for an answer that was not streamed. */
  ttftMs: number | null;
  tokens: number;
  costMicroUsd: number;
  /** Answered from the cache, without the provider. */
  cached: boolean;
}
export interface CallRecord extends Usage {
  /** When it ended, by `Date.now()`: for windows. */
  atMs: number;
  latencyMs: number;
  outcome: 'ok' | 'error' | 'timeout';
}
/** Percentiles are nearest-rank: p95 is the smallest value that at least 95 % of the values do not exceed. */
export type Distribution = Record<'avg' | 'min' | 'median' | 'p95' | 'p99' | 'max', number>;
type Total = 'calls' | 'errors' | 'timeouts' | 'callsPerMinute' | 'totalTokens' | 'totalCostMicroUsd';
export interface Stats extends Record<Total | 'cacheHitRate', number> {
  /** Of the calls that somebody waited for, answered or timed out; null if there were none. */
  latency: Distribution | null;
  ttft: Distribution | null;
  /** Mean latency of the window's second half over that of its first, minus 1; 0 if either had none. */
  trend: number;
}

const MINUTE = 60_000;
export class PerformanceTracker {
  #calls: CallRecord[] = [];

  trackCall(call: CallRecord): void {
    this.#calls.push(call);
  }

  async timeCall<T extends Usage>(call: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const track = (usage: Usage, outcome: CallRecord['outcome']) => {
      const { ttftMs, tokens, costMicroUsd, cached } = usage;
      const latencyMs = performance.now() - startMs;
      this.trackCall({ atMs: Date.now(), latencyMs, ttftMs, tokens, costMicroUsd, cached, outcome });
    };
    try {
      const usage = await call();
      track(usage, 'ok');
      return usage;
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      track({ ttftMs: null, tokens: 0, costMicroUsd: 0, cached: false }, timedOut ? 'timeout' : 'error');
      throw error;
    }
  }

  getStats(windowMs: number, nowMs: number): Stats | null {
    const fromMs = nowMs - windowMs;
    const counts = { calls: 0, errors: 0, timeouts: 0, totalTokens: 0, totalCostMicroUsd: 0 };
    let hits = 0;
    const [latencies, firsts, older, newer]: number[][] = [[], [], [], []];
    for (const { atMs, outcome, latencyMs, ttftMs, tokens, costMicroUsd, cached } of this.#calls) {
      if (atMs < fromMs || atMs >= nowMs) continue;
      counts.calls += 1;
      if (cached) hits += 1;
      counts.totalTokens += tokens;
      counts.totalCostMicroUsd += costMicroUsd;
      if (outcome === 'error') counts.errors += 1;
      else latencies?.push(latencyMs);
      if (outcome === 'timeout') counts.timeouts += 1;
      if (ttftMs !== null) firsts?.push(ttftMs);
      if (outcome !== 'error') (atMs < nowMs - windowMs / 2 ? older : newer)?.push(latencyMs);
    }
    if (counts.calls === 0) return null;
    return {
      ...counts,
      cacheHitRate: hits / counts.calls,
      callsPerMinute: counts.calls / (windowMs / MINUTE),
      latency: describe(latencies ?? []),
      ttft: describe(firsts ?? []),
      trend: older?.length && newer?.length ? mean(newer) / mean(older) - 1 : 0,
    };
  }

  snapshot(): unknown {
    return this.#calls;
  }

  merge(snapshot: unknown): void {
    this.#calls = this.#calls.concat(snapshot as CallRecord[]);
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function describe(values: number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (p: number) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? 0;
  const avg = mean(values);
  return { avg, min: sorted[0] ?? 0, median: at(50), p95: at(95), p99: at(99), max: sorted.at(-1) ?? 0 };
}
