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

export const rejectedBy = 'percentiles of a million calls are within 1 % of the exact ones';

const MINUTE = 60_000;
const KEPT_MINUTES = 60;

/** Sums from which mean and deviation follow. */
class Sketch {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;
  squares = 0;

  add(value: number): void {
    this.squares += value * value;
    this.min = this.count === 0 ? value : Math.min(this.min, value);
    this.max = this.count === 0 ? value : Math.max(this.max, value);
    this.count += 1;
    this.sum += value;
  }

  merge(other: Sketch): void {
    if (other.count === 0) return;
    this.squares += other.squares;
    this.min = this.count === 0 ? other.min : Math.min(this.min, other.min);
    this.max = this.count === 0 ? other.max : Math.max(this.max, other.max);
    this.count += other.count;
    this.sum += other.sum;
  }

  describe(): Distribution | null {
    if (this.count === 0) return null;
    const { min, max } = this;
    const avg = this.sum / this.count;
    const sigma = Math.sqrt(this.squares / this.count - avg * avg);
    return { avg, min, median: avg, p95: avg + 1.645 * sigma, p99: avg + 2.326 * sigma, max };
  }
}

/** Everything about a minute, or about several of them. */
class Slice {
  calls = 0;
  errors = 0;
  timeouts = 0;
  tokens = 0;
  costMicroUsd = 0;
  hits = 0;
  latency = new Sketch();
  ttft = new Sketch();

  merge(other: Slice): void {
    for (const field of ['calls', 'errors', 'timeouts', 'tokens', 'costMicroUsd', 'hits'] as const)
      this[field] += other[field];
    this.latency.merge(other.latency);
    this.ttft.merge(other.ttft);
  }
}

/** Keeps mean and deviation and takes the tail of a bell curve for the tail of the calls. */
export class PerformanceTracker {
  #slices = new Map<number, Slice>();

  trackCall({ atMs, latencyMs, ttftMs, tokens, costMicroUsd, cached, outcome }: CallRecord): void {
    const slice = this.#slice(Math.floor(atMs / MINUTE));
    slice.calls += 1;
    slice.tokens += tokens;
    slice.costMicroUsd += costMicroUsd;
    if (cached) slice.hits += 1;
    if (outcome === 'error') slice.errors += 1;
    else slice.latency.add(latencyMs);
    if (outcome === 'timeout') slice.timeouts += 1;
    if (ttftMs !== null) slice.ttft.add(ttftMs);
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
    const all = this.#between(nowMs - windowMs, nowMs);
    if (all.calls === 0) return null;
    const middleMs = nowMs - windowMs / 2;
    const [first, second] = [
      this.#between(nowMs - windowMs, middleMs).latency,
      this.#between(middleMs, nowMs).latency,
    ];
    const known = first.count > 0 && second.count > 0;
    return {
      calls: all.calls,
      errors: all.errors,
      timeouts: all.timeouts,
      callsPerMinute: all.calls / (windowMs / MINUTE),
      totalTokens: all.tokens,
      totalCostMicroUsd: all.costMicroUsd,
      cacheHitRate: all.hits / all.calls,
      latency: all.latency.describe(),
      ttft: all.ttft.describe(),
      trend: known ? second.sum / second.count / (first.sum / first.count) - 1 : 0,
    };
  }

  snapshot(): unknown {
    return [...this.#slices];
  }

  merge(snapshot: unknown): void {
    for (const [minute, slice] of snapshot as [number, Slice][]) this.#slice(minute).merge(slice);
  }

  /** The slice of that minute. A new minute pushes out the one that no window can reach any more. */
  #slice(minute: number): Slice {
    let slice = this.#slices.get(minute);
    if (!slice) {
      slice = new Slice();
      this.#slices.set(minute, slice);
      const newest = Math.max(...this.#slices.keys());
      for (const old of this.#slices.keys()) if (old <= newest - KEPT_MINUTES) this.#slices.delete(old);
    }
    return slice;
  }

  #between(fromMs: number, toMs: number): Slice {
    const sum = new Slice();
    for (const [minute, slice] of this.#slices)
      if (minute * MINUTE >= fromMs && minute * MINUTE < toMs) sum.merge(slice);
    return sum;
  }
}
