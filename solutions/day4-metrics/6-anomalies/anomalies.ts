import type {
  CallSummary,
  Measured,
  Point,
  Recommendation,
} from '#course/day4-metrics/contracts/anomalies.ts';

const STEP = 5 * 60_000;
const DAY = 86_400_000;
const DAYS = 14;
/** Neighbours of the same time of day on either side: half an hour. */
const AROUND = 6;

/**
 * Compares a point with the same time on days of its kind, working day or weekend, in the last two weeks, on a log scale,
 * by median and median absolute deviation: neither moves for a few outliers. Three high points of four are an incident;
 * six normal ones end it.
 */
export class Detector {
  #logs = new Map<number, number>();
  #latest: boolean[] = [];
  #open = false;

  /** An alert in words, or null. */
  add({ atMs, value }: Point): string | null {
    const log = Math.log(value);
    const known: number[] = [];
    for (let day = 1; day <= DAYS; day += 1) {
      const thenMs = atMs - day * DAY;
      if (isWeekend(thenMs) !== isWeekend(atMs)) continue;
      for (let near = -AROUND; near <= AROUND; near += 1) {
        const then = this.#logs.get(thenMs + near * STEP);
        if (then !== undefined) known.push(then);
      }
    }
    this.#logs.set(atMs, log);

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

function isWeekend(atMs: number): boolean {
  return [0, 6].includes(new Date(atMs).getUTCDay());
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
  // Of none that was tried this is no number, and nothing is recommended.
  const passing = cost(passed) / cost(tried);
  const late = calls.filter((call) => call.dueInHours >= 24);
  const prefix = calls.reduce((sum, call) => sum + call.prefixMicroUsd, 0);
  const sure = sureness(calls.length);
  const all: Recommendation[] = [
    { type: 'caching', impactMicroUsd: cost(repeated), beginWith: dearest(repeated), confidence: sure },
    { type: 'batching', impactMicroUsd: cost(late) / 2, beginWith: dearest(late), confidence: sure },
    {
      type: 'token',
      impactMicroUsd: prefix / 2,
      beginWith: dearest(calls, (call) => call.prefixMicroUsd),
      confidence: sure,
    },
    {
      type: 'provider',
      impactMicroUsd: total * passing * 0.9,
      beginWith: dearest(passed),
      confidence: sureness(tried.length),
    },
  ];
  return all.filter(({ impactMicroUsd }) => impactMicroUsd > 0 && impactMicroUsd >= total / 20);
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
  return Math.max(0, 1 - 1.96 / Math.sqrt(count));
}

function median(values: number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)] ?? Number.NaN;
}
