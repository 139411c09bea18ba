export const rejectedBy = 'stays silent when nothing is wrong';

export interface Point {
  atMs: number;
  value: number;
}

const PER_DAY = 288;
const DAYS = 7;

/** One limit for day and night, learned in the first week. */
export class Detector {
  #logs: number[] = [];
  #latest: boolean[] = [];
  #open = false;
  #usual = 0;

  /** An alert in words, or null. */
  add({ value }: Point): string | null {
    const log = Math.log(value);
    this.#logs.push(log);
    if (this.#logs.length < DAYS * PER_DAY) return null;
    if (this.#logs.length === DAYS * PER_DAY) this.#usual = median(this.#logs);
    const usual = this.#usual;
    this.#latest = [log > usual + 0.4, ...this.#latest].slice(0, 6);
    const high = this.#latest.slice(0, 4).filter(Boolean).length;
    if (!this.#open && high >= 3) {
      this.#open = true;
      return `${Math.round(value)}, where ${Math.round(Math.exp(usual))} is usual`;
    }
    if (!this.#latest.includes(true)) this.#open = false;
    return null;
  }
}

/** One figure of one segment, as repeated runs measured it. */
export interface Measured {
  name: string;
  better: 'lower' | 'higher';
  baseline: number[];
  current: number[];
}

/**
 * The names of what has become worse, by rank (Mann-Whitney): how many of all pairs of an old and a new run has the new
 * one lost? 2.6 standard errors above half happen by luck once in two hundred figures.
 */
export function regressions(all: Measured[]): string[] {
  return all
    .filter(({ better, baseline, current }) => {
      const pairs = current.flatMap((now) =>
        baseline.map((then) => (better === 'lower' ? now - then : then - now)),
      );
      const lost = pairs.filter((difference) => difference > 0).length;
      const error = Math.sqrt((pairs.length * (baseline.length + current.length + 1)) / 12);
      return lost - pairs.length / 2 > 2.6 * error;
    })
    .map(({ name }) => name);
}

/** A call of yesterday's. */
export interface CallSummary {
  /** Same key, same request: a cache could have answered it. */
  key: string;
  costMicroUsd: number;
  /** The part of the cost that was paid for a prefix shared with other calls, which the provider can cache at half price. */
  prefixMicroUsd: number;
  /** When the answer is needed. A batch takes up to 24 hours and costs half. */
  dueInHours: number;
  /** Whether the cheap model, at a tenth of the cost, passes on this call; undefined where nobody tried. */
  passesOnCheap?: boolean;
}

export interface Recommendation {
  type: 'caching' | 'batching' | 'token' | 'provider';
  /** What it alone will save a day. */
  impactMicroUsd: number;
  /** The key with which most of it is saved. Of `provider`: among the calls that are known to pass. */
  beginWith: string;
  /** 0 to 1. */
  confidence: number;
}

/** What is worth doing: at least a twentieth of the cost. */
export function recommend(calls: CallSummary[]): Recommendation[] {
  const total = cost(calls);
  const seen = new Set<string>();
  const repeated = calls.filter(({ key }) => seen.has(key) || !seen.add(key));
  const tried = calls.filter((call) => call.passesOnCheap !== undefined);
  const passed = tried.filter((call) => call.passesOnCheap);
  const passing = tried.length === 0 ? 0 : cost(passed) / cost(tried);
  const all: Recommendation[] = [
    {
      type: 'caching',
      impactMicroUsd: cost(repeated),
      beginWith: dearest(repeated),
      confidence: sureness(calls.length),
    },
    {
      type: 'batching',
      impactMicroUsd: cost(calls.filter((call) => call.dueInHours >= 24)) / 2,
      beginWith: dearest(calls.filter((call) => call.dueInHours >= 24)),
      confidence: sureness(calls.length),
    },
    {
      type: 'token',
      impactMicroUsd: calls.reduce((sum, call) => sum + call.prefixMicroUsd, 0) / 2,
      beginWith: dearest(calls, (call) => call.prefixMicroUsd),
      confidence: sureness(calls.length),
    },
    {
      type: 'provider',
      impactMicroUsd: total * passing * 0.9,
      beginWith: dearest(passed),
      confidence: sureness(tried.length),
    },
  ];
  return all.filter(({ impactMicroUsd }) => impactMicroUsd >= total / 20);
}

/** The key whose calls come to most. */
function dearest(calls: CallSummary[], of = (call: CallSummary) => call.costMicroUsd): string {
  const sums = new Map<string, number>();
  for (const call of calls) sums.set(call.key, (sums.get(call.key) ?? 0) + of(call));
  const [most] = [...sums].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? '';
}

function cost(calls: CallSummary[]): number {
  return calls.reduce((sum, call) => sum + call.costMicroUsd, 0);
}

/** One minus the width of the 95 % interval of a share that was seen so many times, at its widest. */
function sureness(count: number): number {
  return count === 0 ? 0 : Math.max(0, 1 - 1.96 / Math.sqrt(count));
}

function median(values: number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)] ?? Number.NaN;
}
