import type {
  CallRecord,
  Distribution,
  Stats,
  TokenParts,
  Usage,
} from '#course/day4-metrics/contracts/tracker.ts';

const MINUTE = 60_000;
const SLOTS = 61;
const PARTS = ['cacheRead', 'cacheWrite', 'reasoning'] as const;

/** A ring of minutes, all of it plain data, so that a snapshot is the thing itself. */
type Bars = Record<string, number>;
interface Series {
  n: number;
  sum: number;
  min: number;
  max: number;
  bars: Bars;
}
interface Slot {
  minute: number;
  calls: number;
  errors: number;
  timeouts: number;
  hits: number;
  tokens: number;
  microUsd: number;
  parts: TokenParts;
  latency: Series;
  ttft: Series;
}

const series = (): Series => ({ n: 0, sum: 0, min: 1e300, max: -1, bars: {} });
const slot = (minute: number): Slot => ({
  minute,
  ...{ calls: 0, errors: 0, timeouts: 0, hits: 0, tokens: 0, microUsd: 0 },
  parts: { cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  latency: series(),
  ttft: series(),
});

/** Three significant digits, as text: 1234 is "1.23e+3". */
const bar = (value: number) => value.toExponential(2);

function note(to: Series, value: number): void {
  to.n++;
  to.sum += value;
  to.min = Math.min(to.min, value);
  to.max = Math.max(to.max, value);
  to.bars[bar(value)] = (to.bars[bar(value)] ?? 0) + 1;
}

function pour(from: Series, to: Series): void {
  to.n += from.n;
  to.sum += from.sum;
  to.min = Math.min(to.min, from.min);
  to.max = Math.max(to.max, from.max);
  for (const key in from.bars) to.bars[key] = (to.bars[key] ?? 0) + (from.bars[key] ?? 0);
}

function pourSlot(from: Slot, to: Slot): void {
  for (const key of ['calls', 'errors', 'timeouts', 'hits', 'tokens', 'microUsd'] as const)
    to[key] += from[key];
  for (const part of PARTS) to.parts[part] += from.parts[part];
  pour(from.latency, to.latency);
  pour(from.ttft, to.ttft);
}

function distribution(of: Series): Distribution | null {
  if (of.n === 0) return null;
  const bars = Object.entries(of.bars)
    .map(([value, count]) => [Number(value), count] as const)
    .sort(([a], [b]) => a - b);
  const percentile = (p: number) => {
    let left = Math.ceil(of.n * p);
    for (const [value, count] of bars) {
      left -= count;
      if (left <= 0) return value;
    }
    return of.max;
  };
  return {
    avg: of.sum / of.n,
    min: of.min,
    median: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    max: of.max,
  };
}

export class PerformanceTracker {
  #ring: (Slot | undefined)[] = new Array(SLOTS);

  trackCall(call: CallRecord): void {
    const into = this.#at(call.atMs / MINUTE);
    if (!into) return;
    const { outcome } = call;
    into.calls++;
    into.tokens += call.tokens;
    into.microUsd += call.costMicroUsd;
    for (const part of PARTS) into.parts[part] += call.parts?.[part] ?? 0;
    if (outcome === 'ok' && call.cached) into.hits++;
    if (outcome === 'timeout') into.timeouts++;
    if (outcome === 'error') {
      into.errors++;
      return;
    }
    note(into.latency, call.latencyMs);
    if (call.ttftMs !== null) note(into.ttft, call.ttftMs);
  }

  timeCall<T extends Usage>(call: () => Promise<T>): Promise<T> {
    const from = process.hrtime.bigint();
    const nothing: Usage = { ttftMs: null, tokens: 0, costMicroUsd: 0, cached: false };
    const ended = (outcome: CallRecord['outcome'], usage: Usage) =>
      this.trackCall({
        ...usage,
        outcome,
        atMs: Date.now(),
        latencyMs: Number(process.hrtime.bigint() - from) / 1e6,
      });
    return new Promise<T>((resolve) => resolve(call())).then(
      (usage) => {
        ended('ok', usage);
        return usage;
      },
      (reason) => {
        ended(reason instanceof Error && reason.name === 'TimeoutError' ? 'timeout' : 'error', nothing);
        throw reason;
      },
    );
  }

  getStats(windowMs: number, nowMs: number): Stats | null {
    const minutes = windowMs / MINUTE;
    const now = Math.ceil(nowMs / MINUTE) - 1;
    const [all, first, second] = [slot(0), slot(0), slot(0)];
    for (const it of this.#ring) {
      if (!it || it.minute > now || it.minute <= now - minutes) continue;
      pourSlot(it, all);
      const half = Math.floor(minutes / 2);
      if (it.minute > now - half) pourSlot(it, second);
      if (it.minute <= now - minutes + half) pourSlot(it, first);
    }
    if (all.calls === 0) return null;
    const mean = (of: Slot) => of.latency.sum / of.latency.n;
    const { calls, errors, timeouts, parts } = all;
    return {
      ...{ calls, errors, timeouts, parts },
      callsPerMinute: calls / minutes,
      totalTokens: all.tokens,
      totalCostMicroUsd: all.microUsd,
      cacheHitRate: all.hits / calls,
      latency: distribution(all.latency),
      ttft: distribution(all.ttft),
      trend: first.latency.n && second.latency.n ? mean(second) / mean(first) - 1 : 0,
    };
  }

  snapshot = (): unknown => structuredClone(this.#ring.filter(Boolean));

  merge(snapshot: unknown): void {
    for (const it of snapshot as Slot[]) {
      const into = this.#at(it.minute);
      if (into) pourSlot(it, into);
    }
  }

  #at(minuteOf: number): Slot | undefined {
    const minute = Math.floor(minuteOf);
    const there = this.#ring[minute % SLOTS];
    if (there && there.minute > minute) return undefined;
    if (there?.minute === minute) return there;
    const fresh = slot(minute);
    this.#ring[minute % SLOTS] = fresh;
    return fresh;
  }
}
