import type { CallRecord, Distribution, Stats, Usage } from '#course/day4-metrics/contracts/tracker.ts';

const MINUTE = 60_000;
const SLOTS = 60;
/** Each power of two is cut into 64 equal parts: a part is at most 1/64 of its value wide, half of that is the error. */
const PARTS = 64;
/** Microseconds up to 2^36, which is 19 hours. */
const BUCKETS = 36 * PARTS;

/** Where one minute's numbers stand in its row; the buckets of latency and TTFT follow. */
const CALLS = 0;
const ERRORS = 1;
const TIMEOUTS = 2;
const TOKENS = 3;
const COST = 4;
const HITS = 5;
const CACHE_READ = 6;
const CACHE_WRITE = 7;
const REASONING = 8;
const LATENCY = 9;
const SUM = 0;
const COUNT = 1;
const MIN = 2;
const MAX = 3;
const FIRST = 4;
const TTFT = LATENCY + FIRST + BUCKETS;
const WIDTH = TTFT + FIRST + BUCKETS;

/** In the manner of HdrHistogram: sixty rows of plain counters, each written over an hour later. */
export class PerformanceTracker {
  #minutes = new Array<number>(SLOTS).fill(-1);
  #rows = Array.from({ length: SLOTS }, () => new Float64Array(0));

  trackCall(call: CallRecord): void {
    const row = this.#row(Math.floor(call.atMs / MINUTE));
    if (!row) return;
    add(row, CALLS, 1);
    add(row, TOKENS, call.tokens);
    add(row, COST, call.costMicroUsd);
    add(row, CACHE_READ, call.parts?.cacheRead ?? 0);
    add(row, CACHE_WRITE, call.parts?.cacheWrite ?? 0);
    add(row, REASONING, call.parts?.reasoning ?? 0);
    if (call.cached && call.outcome === 'ok') add(row, HITS, 1);
    if (call.outcome === 'error') add(row, ERRORS, 1);
    else count(row, LATENCY, call.latencyMs);
    if (call.outcome === 'timeout') add(row, TIMEOUTS, 1);
    if (call.ttftMs !== null) count(row, TTFT, call.ttftMs);
  }

  timeCall<T extends Usage>(call: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const end = (outcome: CallRecord['outcome'], usage: Usage) =>
      this.trackCall({ ...usage, atMs: Date.now(), latencyMs: performance.now() - startMs, outcome });
    return new Promise<T>((resolve) => resolve(call())).then(
      (usage) => {
        end('ok', usage);
        return usage;
      },
      (error: Error) => {
        const nothing = { ttftMs: null, tokens: 0, costMicroUsd: 0, cached: false };
        end(error.name === 'TimeoutError' ? 'timeout' : 'error', nothing);
        throw error;
      },
    );
  }

  getStats(windowMs: number, nowMs: number): Stats | null {
    const [now, minutes] = [Math.ceil(nowMs / MINUTE), windowMs / MINUTE];
    const all = this.#sum(now - minutes, now);
    const calls = all[CALLS] ?? 0;
    if (calls === 0) return null;
    const half = Math.floor(minutes / 2);
    const [first, second] = [this.#sum(now - minutes, now - minutes + half), this.#sum(now - half, now)].map(
      (row) => (row[LATENCY + SUM] ?? 0) / (row[LATENCY + COUNT] || 1),
    ) as [number, number];
    return {
      calls,
      errors: all[ERRORS] ?? 0,
      timeouts: all[TIMEOUTS] ?? 0,
      callsPerMinute: (calls * MINUTE) / windowMs,
      totalTokens: all[TOKENS] ?? 0,
      totalCostMicroUsd: all[COST] ?? 0,
      parts: {
        cacheRead: all[CACHE_READ] ?? 0,
        cacheWrite: all[CACHE_WRITE] ?? 0,
        reasoning: all[REASONING] ?? 0,
      },
      cacheHitRate: (all[HITS] ?? 0) / calls,
      latency: describe(all, LATENCY),
      ttft: describe(all, TTFT),
      trend: first > 0 && second > 0 ? second / first - 1 : 0,
    };
  }

  /** Only what is not zero: [minute, [place, count, place, count …]]. */
  snapshot(): unknown {
    return this.#minutes.map((minute, slot) => [
      minute,
      [...(this.#rows[slot] ?? [])].flatMap((value, place) => (value === 0 ? [] : [place, value])),
    ]);
  }

  merge(snapshot: unknown): void {
    for (const [minute, pairs] of snapshot as [number, number[]][]) {
      if (minute < 0) continue;
      const other = new Float64Array(WIDTH);
      for (let i = 0; i < pairs.length; i += 2) other[pairs[i] ?? 0] = pairs[i + 1] ?? 0;
      const row = this.#row(minute);
      if (row) addRow(row, other);
    }
  }

  /** Nothing for a minute whose place a later one has taken. */
  #row(minute: number): Float64Array | undefined {
    const slot = minute % SLOTS;
    if (minute < (this.#minutes[slot] ?? -1)) return undefined;
    if (this.#minutes[slot] !== minute || this.#rows[slot]?.length === 0) {
      this.#minutes[slot] = minute;
      this.#rows[slot] = new Float64Array(WIDTH);
    }
    return this.#rows[slot];
  }

  #sum(from: number, to: number): Float64Array {
    const sum = new Float64Array(WIDTH);
    for (const [slot, minute] of this.#minutes.entries())
      if (minute >= 0 && minute >= from && minute < to) addRow(sum, this.#rows[slot] as Float64Array);
    return sum;
  }
}

type Row = Float64Array;

function add(row: Row, place: number, value: number): void {
  row[place] = (row[place] ?? 0) + value;
}

function count(row: Row, at: number, valueMs: number): void {
  const fresh = row[at + COUNT] === 0;
  row[at + MIN] = fresh ? valueMs : Math.min(row[at + MIN] ?? 0, valueMs);
  row[at + MAX] = fresh ? valueMs : Math.max(row[at + MAX] ?? 0, valueMs);
  add(row, at + COUNT, 1);
  add(row, at + SUM, valueMs);
  const micros = Math.max(1, valueMs * 1000);
  const exponent = Math.min(35, Math.floor(Math.log2(micros)));
  add(row, at + FIRST + exponent * PARTS + Math.floor((micros / 2 ** exponent - 1) * PARTS), 1);
}

function addRow(row: Row, other: Row): void {
  for (const at of [LATENCY, TTFT]) {
    if (!other[at + COUNT]) continue;
    const fresh = !row[at + COUNT];
    row[at + MIN] = Math.min(fresh ? Number.POSITIVE_INFINITY : (row[at + MIN] ?? 0), other[at + MIN] ?? 0);
    row[at + MAX] = Math.max(fresh ? 0 : (row[at + MAX] ?? 0), other[at + MAX] ?? 0);
  }
  for (let place = 0; place < WIDTH; place += 1) {
    const extreme = [LATENCY + MIN, LATENCY + MAX, TTFT + MIN, TTFT + MAX].includes(place);
    if (!extreme) add(row, place, other[place] ?? 0);
  }
}

function describe(row: Row, at: number): Distribution | null {
  const total = row[at + COUNT] ?? 0;
  if (total === 0) return null;
  const [min = 0, max = 0] = [row[at + MIN], row[at + MAX]];
  const valueAt = (p: number) => {
    let left = Math.ceil((p / 100) * total);
    let bucket = 0;
    while (left > (row[at + FIRST + bucket] ?? 0)) {
      left -= row[at + FIRST + bucket] ?? 0;
      bucket += 1;
    }
    const middle = (2 ** Math.floor(bucket / PARTS) * (1 + ((bucket % PARTS) + 0.5) / PARTS)) / 1000;
    return Math.min(max, Math.max(min, middle));
  };
  return {
    avg: (row[at + SUM] ?? 0) / total,
    min,
    median: valueAt(50),
    p95: valueAt(95),
    p99: valueAt(99),
    max,
  };
}
