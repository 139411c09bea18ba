import { percentile, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/load-test.ts';

const SECOND = 1000;
/** One promise that the queue breaks first, and one that the refusals break first. */
export const SLOS = [
  { p95Ms: 2800, errorShare: 0.05 },
  { p95Ms: 6000, errorShare: 0.01 },
];
export const RATES: [number, number] = [1, 100];

export interface Load {
  /** Gaps of a process with one arrival a second, and what each request takes on its place. */
  gaps: number[];
  servicesMs: number[];
}

const CAPACITY_PLACES = 8;
const CAPACITY_QUEUE = 20;

export function capacityLoad(random: Random): Load {
  const length = 3000;
  return {
    gaps: Array.from({ length }, () => random.exponential(1)),
    servicesMs: Array.from(
      { length },
      () => 900 * Math.exp(0.5 * random.normal()) * (random.next() < 0.03 ? 6 : 1),
    ),
  };
}

/** A test at a rate, worked out instead of waited for: first come, first served, and a queue that has an end. */
export function reportAt({ gaps, servicesMs }: Load, ratePerSec: number): Contract.LoadReport {
  const freeAt = new Array<number>(CAPACITY_PLACES).fill(0);
  const starts: number[] = [];
  const latencies: number[] = [];
  let atMs = 0;
  let [first, refused] = [0, 0];
  for (const [i, gap] of gaps.entries()) {
    atMs += (gap * SECOND) / ratePerSec;
    while (first < starts.length && (starts[first] as number) <= atMs) first += 1;
    if (starts.length - first >= CAPACITY_QUEUE) {
      refused += 1;
      continue;
    }
    let place = 0;
    for (let k = 1; k < CAPACITY_PLACES; k += 1)
      if ((freeAt[k] as number) < (freeAt[place] as number)) place = k;
    const start = Math.max(atMs, freeAt[place] as number);
    freeAt[place] = start + (servicesMs[i] as number);
    starts.push(start);
    latencies.push((freeAt[place] as number) - atMs);
  }
  const seconds = Math.max(...freeAt) / SECOND;
  const requestsPerSec = latencies.length / seconds;
  return {
    p50Ms: percentile(latencies, 50),
    p95Ms: percentile(latencies, 95),
    p99Ms: percentile(latencies, 99),
    requestsPerSec,
    tokensPerSec: requestsPerSec * 50,
    errorShare: refused / gaps.length,
  };
}

/** p95 at rates from far below the capacity to above it. */
export function sweep(load: Load): { ratePerSec: number; p95Ms: number }[] {
  return Array.from({ length: 16 }, (_, i) => {
    const ratePerSec = 0.75 * (i + 1);
    return { ratePerSec, p95Ms: reportAt(load, ratePerSec).p95Ms };
  });
}

/** The last rate before p95 is more than twice that of the first. */
export function trueKnee(load: Load): number {
  const curve = sweep(load);
  const bent = curve.findIndex(({ p95Ms }) => p95Ms > 2 * (curve[0]?.p95Ms ?? 0));
  return curve[bent - 1]?.ratePerSec ?? 0;
}

export function trueCapacities(load: Load): number[] {
  return SLOS.map((slo) => {
    let [low, high] = RATES;
    while (high / low > 1.001) {
      const middle = Math.sqrt(low * high);
      const { p95Ms, errorShare } = reportAt(load, middle);
      if (p95Ms <= slo.p95Ms && errorShare <= slo.errorShare) low = middle;
      else high = middle;
    }
    return low;
  });
}
