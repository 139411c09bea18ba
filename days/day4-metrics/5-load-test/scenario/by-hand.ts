import type * as Subject from '#days/day4-metrics/5-load-test/load-test.ts';
import type { Clock } from '#lib/clock';
import { attemptAsync } from '../../attempt.ts';
import type * as Contract from '../../contracts/load-test.ts';
import { RATES } from './load.ts';

/** A request of a test that is small enough to be worked out by hand. */
interface Planned {
  atMs: number;
  workMs: number;
  /** null for one that is refused. */
  tokens: number | null;
}

/** Two that are due before the warm-up ends and answered after it, one that is due when it ends, and one later. */
export const WARMING: Planned[] = [
  { atMs: 0, workMs: 1500, tokens: 10 },
  { atMs: 999, workMs: 600, tokens: 10 },
  { atMs: 1000, workMs: 200, tokens: 10 },
  { atMs: 1500, workMs: 300, tokens: 10 },
];
/** With two sockets: three wait for one, one of which a refused request gives back; the last is refused late. */
export const REFUSING: Planned[] = [
  { atMs: 0, workMs: 200, tokens: 10 },
  { atMs: 100, workMs: 100, tokens: null },
  { atMs: 150, workMs: 100, tokens: 20 },
  { atMs: 190, workMs: 60, tokens: 30 },
  { atMs: 1000, workMs: 1000, tokens: 40 },
  { atMs: 2500, workMs: 500, tokens: null },
];

export function testOf(
  planned: readonly Planned[],
  loadTest: typeof Subject.loadTest,
  clock: Clock,
  o: { sockets: number; warmUpMs: number },
) {
  const target = async (prompt: string) => {
    const { workMs, tokens } = planned[Number(prompt)] as Planned;
    await clock.sleep(workMs);
    if (tokens === null) throw new Error('429 too many requests');
    return { outputTokens: tokens };
  };
  return attemptAsync(() =>
    loadTest(
      target,
      planned.map(({ atMs }, i) => ({ atMs, prompt: String(i) })),
      o,
    ),
  );
}

/** Promises that are kept to the letter up to a rate, and what is then the capacity. */
export const EDGES = [
  { what: 'p95 is 1,000 ms up to 40 a second and 1,001 ms above', slo: { p95Ms: 1000, errorShare: 1 } },
  { what: 'errors are 1 % up to 40 a second and 2 % above', slo: { p95Ms: 2000, errorShare: 0.01 } },
  { what: 'the lowest rate breaks the promise', slo: { p95Ms: 1000, errorShare: 0.01 }, most: 0 },
  { what: 'the highest rate keeps the promise', slo: { p95Ms: 1000, errorShare: 0.01 }, most: RATES[1] },
].map((edge) => ({ most: 40, ...edge }));

export function upTo(most: number): (ratePerSec: number) => Promise<Contract.LoadReport> {
  return async (ratePerSec) => ({
    ...{ p50Ms: 500, p99Ms: 1500, requestsPerSec: ratePerSec, tokensPerSec: 50 * ratePerSec },
    ...(ratePerSec <= most ? { p95Ms: 1000, errorShare: 0.01 } : { p95Ms: 1001, errorShare: 0.02 }),
  });
}

/** p95 at 5, 10, 15 … a second, and the last rate before it bends. */
export const KNEES = [
  { p95s: [100, 200, 201, 150], last: 10 },
  { p95s: [100, 130, 160], last: 15 },
  { p95s: [100, 300, 400], last: 5 },
];

export function curveOf(p95s: readonly number[]): { ratePerSec: number; p95Ms: number }[] {
  return p95s.map((p95Ms, i) => ({ ratePerSec: 5 * (i + 1), p95Ms }));
}

/** Two years on record, every third day, and the day on which the peak is 64. */
export const GROWTHS = [
  { what: 'doubles every 100 days, from 1 on day 400', daysToDouble: 100, onDay: 1000 },
  { what: 'halves every 100 days', daysToDouble: -100, onDay: Number.POSITIVE_INFINITY },
].map((growth) => ({
  ...growth,
  history: Array.from({ length: 67 }, (_, i) => ({
    day: 400 + 3 * i,
    peakPerSec: 2 ** ((3 * i) / growth.daysToDouble),
  })),
}));
