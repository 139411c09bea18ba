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
type Metrics = Record<'latency' | 'tokens' | 'cost', number[]>;
export class PerformanceTracker {
  // TODO: the lists grow for ever, failed calls are lost, a mean hides the tail.
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
