import type { CallRecord, Distribution, Stats, Usage } from '#course/day4-metrics/contracts/tracker.ts';

const MINUTE = 60_000;
const KEPT_MINUTES = 60;
/** A bucket spans 2 %: its middle is within 1 % of every value in it. The first one ends at a microsecond. */
const RATIO = 1.01 / 0.99;
const LEAST_MS = 0.001;

/** How many values fell into each bucket: as exact after a million values as after ten, and no larger. */
class Sketch {
  count = 0;
  sum = 0;
  min = Number.MAX_VALUE;
  max = 0;
  buckets: number[] = [];

  add(value: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(value / LEAST_MS) / Math.log(RATIO)));
    while (this.buckets.length <= bucket) this.buckets.push(0);
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.count += 1;
    this.sum += value;
  }

  merge(other: Sketch): void {
    for (const [bucket, count] of other.buckets.entries())
      this.buckets[bucket] = (this.buckets[bucket] ?? 0) + count;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.count += other.count;
    this.sum += other.sum;
  }

  describe(): Distribution | null {
    if (this.count === 0) return null;
    const { min, max } = this;
    const avg = this.sum / this.count;
    return { avg, min, median: this.percentile(50), p95: this.percentile(95), p99: this.percentile(99), max };
  }

  private percentile(p: number): number {
    let rank = Math.ceil((p / 100) * this.count);
    const bucket = this.buckets.findIndex((count) => {
      rank -= count;
      return rank <= 0;
    });
    const middle = (LEAST_MS * (2 * RATIO ** bucket)) / (1 + RATIO);
    return Math.min(Math.max(middle, this.min), this.max);
  }
}

const PARTS = ['cacheRead', 'cacheWrite', 'reasoning'] as const;
const SUMS = ['calls', 'errors', 'timeouts', 'tokens', 'costMicroUsd', ...PARTS, 'hits'] as const;

/** Everything about a minute, or about several of them. */
class Slice {
  calls = 0;
  errors = 0;
  timeouts = 0;
  tokens = 0;
  costMicroUsd = 0;
  cacheRead = 0;
  cacheWrite = 0;
  reasoning = 0;
  hits = 0;
  latency = new Sketch();
  ttft = new Sketch();

  merge(other: Slice): void {
    for (const field of SUMS) this[field] += other[field];
    this.latency.merge(other.latency);
    this.ttft.merge(other.ttft);
  }
}

/** A tracker whose size depends on time and spread of the calls, not on their number: one slice for each minute. */
export class PerformanceTracker {
  #slices = new Map<number, Slice>();

  trackCall({ atMs, latencyMs, ttftMs, tokens, parts, costMicroUsd, cached, outcome }: CallRecord): void {
    const slice = this.#slice(Math.floor(atMs / MINUTE));
    slice.calls += 1;
    slice.tokens += tokens;
    slice.costMicroUsd += costMicroUsd;
    for (const part of PARTS) slice[part] += parts?.[part] ?? 0;
    if (cached && outcome === 'ok') slice.hits += 1;
    if (outcome === 'error') slice.errors += 1;
    else slice.latency.add(latencyMs);
    if (outcome === 'timeout') slice.timeouts += 1;
    if (ttftMs !== null) slice.ttft.add(ttftMs);
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
    const [end, minutes] = [Math.ceil(nowMs / MINUTE), windowMs / MINUTE];
    const start = end - minutes;
    const all = this.#between(start, end);
    if (all.calls === 0) return null;
    const half = Math.floor(minutes / 2);
    const { latency: first } = this.#between(start, start + half);
    const { latency: second } = this.#between(end - half, end);
    const known = first.count > 0 && second.count > 0;
    return {
      calls: all.calls,
      errors: all.errors,
      timeouts: all.timeouts,
      callsPerMinute: all.calls / minutes,
      totalTokens: all.tokens,
      totalCostMicroUsd: all.costMicroUsd,
      parts: { cacheRead: all.cacheRead, cacheWrite: all.cacheWrite, reasoning: all.reasoning },
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

  /** The slice of that minute. A new minute pushes out what no window can reach any more; that may be itself. */
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

  /** The sum of some minutes, without the last. */
  #between(from: number, to: number): Slice {
    const sum = new Slice();
    for (const [minute, slice] of this.#slices) if (minute >= from && minute < to) sum.merge(slice);
    return sum;
  }
}
