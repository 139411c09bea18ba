import type {
  CallSummary,
  Measured,
  Point,
  Recommendation,
} from '#course/day4-metrics/contracts/anomalies.ts';

const PER_DAY = 288;
const DAYS = 7;
/** Neighbours of the same time of day on either side: half an hour. */
const AROUND = 6;

/**
 * Compares a point with the same time of day in the last week, on a log scale, by median and median absolute
 * deviation: neither moves for a few outliers. Three high points of four are an incident; six normal ones end it.
 */
export class Detector {
  #logs: number[] = [];
  #latest: boolean[] = [];
  #open = false;

  /** An alert in words, or null. */
  add({ value }: Point): string | null {
    const log = Math.log(value);
    const alike: number[] = [];
    for (let day = 1; day <= DAYS; day += 1)
      for (let near = -AROUND; near <= AROUND; near += 1)
        alike.push(this.#logs[this.#logs.length - day * PER_DAY + near] ?? Number.NaN);
    this.#logs.push(log);
    const known = alike.filter((it) => !Number.isNaN(it));
    if (known.length < PER_DAY / 24) return null;

    const usual = median(known);
    const spread = 1.4826 * median(known.map((it) => Math.abs(it - usual)));
    this.#latest = [log > usual + 2.5 * spread, ...this.#latest].slice(0, 6);
    const high = this.#latest.slice(0, 4).filter(Boolean).length;
    if (!this.#open && high >= 3) {
      this.#open = true;
      return `${Math.round(value)}, where ${Math.round(Math.exp(usual))} is usual`;
    }
    if (!this.#latest.includes(true)) this.#open = false;
    return null;
  }
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
