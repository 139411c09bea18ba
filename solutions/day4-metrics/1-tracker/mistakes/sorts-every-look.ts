/*
 * Belief: Keep every call, and sort when somebody asks.
 * Effect: A million calls stay in memory, and each look sorts them all.
 * Rejected by: a million calls fit in bounded memory
 * Whole: it keeps every call, so that hardly a line of the solution is left
 */

import type { CallRecord, Distribution, Stats, Usage } from '#course/day4-metrics/contracts/tracker.ts';

const MINUTE = 60_000;
export class PerformanceTracker {
  #calls: CallRecord[] = [];

  trackCall(call: CallRecord): void {
    this.#calls.push(call);
  }

  async timeCall<T extends Usage>(call: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const track = (usage: Usage, outcome: CallRecord['outcome']) => {
      const latencyMs = performance.now() - startMs;
      this.trackCall({ ...usage, atMs: Date.now(), latencyMs, outcome });
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
    const sums = { cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    let hits = 0;
    const [latencies, firsts, older, newer]: number[][] = [[], [], [], []];
    for (const { atMs, outcome, latencyMs, ttftMs, tokens, parts, costMicroUsd, cached } of this.#calls) {
      if (atMs < fromMs || atMs >= nowMs) continue;
      counts.calls += 1;
      if (cached && outcome === 'ok') hits += 1;
      counts.totalTokens += tokens;
      for (const part of ['cacheRead', 'cacheWrite', 'reasoning'] as const) sums[part] += parts?.[part] ?? 0;
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
      parts: sums,
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
