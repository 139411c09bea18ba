import type {
  CallSummary,
  Measured,
  Point,
  Recommendation,
} from '#course/day4-metrics/contracts/anomalies.ts';

const STEP = 300_000;
const WEEK = 2016;
const median = (v: number[]) => {
  const s = [...v].sort((a, b) => a - b);
  const [low = 0, high = low] = s.slice((s.length - 1) >> 1, (s.length >> 1) + 1);
  return (low + high) / 2;
};
/** Compares with the same hours of the same weekday in earlier weeks; the median of the latest five distances decides. */
export class Detector {
  #log = new Map<number, number>();
  #first?: number;
  #recent: { i: number; r: number }[] = [];
  #open = false;
  #calm = 0;
  add({ atMs, value }: Point): string | null {
    const i = Math.round(atMs / STEP);
    this.#first ??= i;
    const x = Math.log(Math.max(value, 1e-9));
    if (i - this.#first < WEEK) {
      this.#log.set(i, x);
      return null;
    }
    const near: number[] = [];
    for (let w = 1; w <= 3; w++)
      for (let d = -6; d <= 6; d++) {
        const y = this.#log.get(i - w * WEEK + d);
        if (y !== undefined) near.push(y);
      }
    if (near.length < 5) {
      this.#log.set(i, x);
      return null;
    }
    const usual = median(near);
    const r = x - usual;
    this.#recent.push({ i, r });
    while (this.#recent.length > 5 || i - (this.#recent[0]?.i ?? i) > 6) this.#recent.shift();
    const typical = median(this.#recent.map((e) => e.r));
    this.#log.set(i, this.#open || Math.abs(r) > 0.6 ? usual : x);
    this.#log.delete(i - 4 * WEEK);
    if (this.#open) {
      this.#calm = typical < Math.log(1.3) ? this.#calm + 1 : 0;
      if (this.#calm >= 6) this.#open = false;
      return null;
    }
    if (this.#recent.length >= 4 && typical > Math.log(1.55)) {
      this.#open = true;
      this.#calm = 0;
      return `${value.toFixed(0)} where ${Math.exp(usual).toFixed(0)} is usual`;
    }
    return null;
  }
}
/** One-sided exact Mann-Whitney by counting, ties as halves. */
function worseP(a: number[], b: number[]): number {
  let u = 0;
  for (const x of b) for (const y of a) u += x > y ? 1 : x === y ? 0.5 : 0;
  const [m, n] = [a.length, b.length];
  // How many ways there are to choose n of the ranks so that they sum to so much above the least.
  let ways = Array.from({ length: n + 1 }, () => new Array<number>(m * n + 1).fill(0));
  (ways[0] as number[])[0] = 1;
  for (let rank = 1; rank <= m + n; rank++)
    ways = ways.map((row, k) =>
      row.map((count, sum) => count + ((k > 0 && ways[k - 1]?.[sum - (rank - k)]) || 0)),
    );
  const row = ways[n] ?? [];
  const total = row.reduce((x, y) => x + y, 0);
  return row.slice(Math.ceil(u - 0.25)).reduce((x, y) => x + y, 0) / total;
}
/** As many as the procedure of Benjamini and Hochberg lets through: one in twenty of those named is there by luck. */
export function regressions(all: Measured[]): string[] {
  const p = all
    .map(({ name, better, baseline, current }) => ({
      name,
      p:
        better === 'lower'
          ? worseP(baseline, current)
          : worseP(
              baseline.map((v) => -v),
              current.map((v) => -v),
            ),
    }))
    .sort((a, b) => a.p - b.p);
  let last = -1;
  p.forEach((e, i) => {
    if (e.p <= (0.05 * (i + 1)) / p.length) last = i;
  });
  return p.slice(0, last + 1).map((e) => e.name);
}
function surely(count: number): number {
  return 1 - 1 / Math.sqrt(count + 1);
}
/** What is worth doing: at least a twentieth of the cost. */
export function recommend(calls: CallSummary[]): Recommendation[] {
  const total = calls.reduce((s, c) => s + c.costMicroUsd, 0);
  if (!total) return [];
  const seen = new Set<string>();
  const tried = calls.filter((c) => c.passesOnCheap !== undefined);
  const overall = tried.filter((c) => c.passesOnCheap).length / Math.max(1, tried.length);
  const by: Record<
    Recommendation['type'],
    { of: (c: CallSummary) => number; known?: (c: CallSummary) => number; sure: number }
  > = {
    caching: {
      of: (c) => {
        if (seen.has(c.key)) return c.costMicroUsd;
        seen.add(c.key);
        return 0;
      },
      sure: surely(calls.length),
    },
    batching: { of: (c) => (c.dueInHours >= 24 ? c.costMicroUsd / 2 : 0), sure: surely(calls.length) },
    token: { of: (c) => c.prefixMicroUsd / 2, sure: surely(calls.length) },
    provider: {
      of: (c) => 0.9 * c.costMicroUsd * (c.passesOnCheap === undefined ? overall : +c.passesOnCheap),
      known: (c) => (c.passesOnCheap ? 0.9 * c.costMicroUsd : 0),
      sure: surely(tried.length),
    },
  };
  return (Object.keys(by) as Recommendation['type'][])
    .flatMap((type) => {
      const { of, known, sure } = by[type];
      let sum = 0;
      const keys = new Map<string, number>();
      for (const c of calls) {
        const v = of(c);
        sum += v;
        keys.set(c.key, (keys.get(c.key) ?? 0) + (known ? known(c) : v));
      }
      const beginWith = [...keys].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
      return sum >= total / 20 ? [{ type, impactMicroUsd: sum, beginWith, confidence: sure }] : [];
    })
    .sort((a, b) => b.impactMicroUsd - a.impactMicroUsd);
}
