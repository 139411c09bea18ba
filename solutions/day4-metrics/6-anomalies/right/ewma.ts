import type {
  CallSummary,
  Measured,
  Point,
  Recommendation,
} from '#course/day4-metrics/contracts/anomalies.ts';

/** Values beyond this many deviations tell nothing more, so that one outlier cannot push the averages far. */
const CLIP = 3;
const WARM_UP_MS = 14 * 86_400_000;

/**
 * For each half hour of a working day and of a weekend a slow average of the logarithm and of its distance, both deaf to what is far away; a fast
 * sum of how far the latest points were above it (CUSUM) decides.
 */
export class Detector {
  #firstMs = Number.NaN;
  #halves = Array.from({ length: 2 * 48 }, () => ({ mean: 0, spread: 0, count: 0 }));
  #sum = 0;
  #calm = 0;
  #open = false;

  /** An alert in words, or null. */
  add({ atMs, value }: Point): string | null {
    const log = Math.log(value);
    const isWeekend = [0, 6].includes(new Date(atMs).getUTCDay());
    const at = (Math.floor(atMs / 1_800_000) % 48) + (isWeekend ? 48 : 0);
    const half = this.#halves[at] ?? { mean: 0, spread: 0, count: 0 };
    if (Number.isNaN(this.#firstMs)) this.#firstMs = atMs;
    half.count += 1;
    if (half.count === 1) half.mean = log;
    const score = half.spread > 0 ? (log - half.mean) / (1.2533 * half.spread) : 0;
    const clipped = Math.max(-CLIP, Math.min(CLIP, score));
    const step = Math.max(0.02, 1 / half.count);
    const limit = half.count < 12 ? Math.abs(log - half.mean) : CLIP * 1.2533 * half.spread;
    const moved = Math.max(-limit, Math.min(limit, log - half.mean));
    if (!this.#open) {
      half.spread += step * (Math.min(Math.abs(log - half.mean), limit) - half.spread);
      half.mean += step * moved;
    }
    if (atMs - this.#firstMs < WARM_UP_MS) return null;

    this.#sum = Math.max(0, Math.min(12, this.#sum + clipped - 1));
    this.#calm = score < 1.5 ? this.#calm + 1 : 0;
    if (this.#open && this.#calm >= 6) {
      this.#open = false;
      this.#sum = 0;
    }
    if (this.#open || this.#sum < 5.5) return null;
    this.#open = true;
    return `${Math.round(value)} where ${Math.round(Math.exp(half.mean))} is usual`;
  }
}

/** The medians must differ by a tenth, and by more than four times what the old runs differ among themselves. */
export function regressions(all: Measured[]): string[] {
  const names: string[] = [];
  for (const { name, better, baseline, current } of all) {
    const [old, now] = [middle(baseline), middle(current)];
    const noise = middle(baseline.map((value) => Math.abs(value - old)));
    const loss = better === 'lower' ? now - old : old - now;
    if (loss > old / 10 && loss > 2 * noise) names.push(name);
  }
  return names;
}

/** What is worth doing: at least a twentieth of the cost. */
export function recommend(calls: CallSummary[]): Recommendation[] {
  const byKey = new Map<string, number[]>();
  const shares = new Map<string, Map<string, number>>();
  const note = (type: Recommendation['type'], key: string, saved: number) => {
    const share = shares.get(type) ?? new Map<string, number>();
    shares.set(type, share.set(key, (share.get(key) ?? 0) + saved));
  };
  const sums = { total: 0, patient: 0, prefix: 0, tried: 0, passed: 0, trials: 0 };
  for (const { key, costMicroUsd, prefixMicroUsd, dueInHours, passesOnCheap } of calls) {
    byKey.set(key, [...(byKey.get(key) ?? []), costMicroUsd]);
    sums.total += costMicroUsd;
    sums.prefix += prefixMicroUsd;
    note('token', key, prefixMicroUsd);
    if (dueInHours >= 24) note('batching', key, costMicroUsd);
    if (passesOnCheap) note('provider', key, costMicroUsd);
    if (dueInHours >= 24) sums.patient += costMicroUsd;
    if (passesOnCheap === undefined) continue;
    sums.trials += 1;
    sums.tried += costMicroUsd;
    if (passesOnCheap) sums.passed += costMicroUsd;
  }
  let repeats = 0;
  for (const [key, [, ...again]] of byKey)
    for (const cost of again) {
      repeats += cost;
      note('caching', key, cost);
    }
  const sure = (count: number) => count / (count + 20);
  const found: Recommendation[] = [];
  const add = (type: Recommendation['type'], impactMicroUsd: number, count: number) => {
    const [most] = [...(shares.get(type) ?? [])].sort(([, a], [, b]) => b - a);
    const beginWith = most?.[0] ?? '';
    if (impactMicroUsd > 0 && impactMicroUsd >= sums.total / 20)
      found.push({ type, impactMicroUsd, beginWith, confidence: sure(count) });
  };
  add('caching', repeats, calls.length);
  add('batching', sums.patient / 2, calls.length);
  add('token', sums.prefix / 2, calls.length);
  if (sums.trials > 0) add('provider', (sums.total * 0.9 * sums.passed) / sums.tried, sums.trials);
  return found;
}

function middle(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
