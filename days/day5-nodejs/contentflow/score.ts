import { percentile, sum } from '#lib/provider';
import { countTokens } from '#lib/provider/tokens.ts';
import { perfectMicroUsd } from './bill.ts';
import { RESERVED_PACE } from './day.ts';
import { rightText } from './oracle.ts';
import { ablest, firstOfKind, type Outcome } from './outcome.ts';
import type { Task } from './traffic.ts';

/** Points of the reference on the printed day. */
export const REFERENCE_SCORE = 59;

/** What a day comes to. */
export interface Result {
  costMicroUsd: number;
  p95Ms: number;
  /** Right answers as a share of the strongest model's. */
  quality: number;
}

/** The day with a perfect cache and perfect routing: as the prompts are, none twice, each by the cheapest able model. */
export function perfectDay({ day, seed, naive }: Outcome): Result {
  const asked = firstOfKind(day.tasks);
  const isAsked = new Set(asked);
  const took = day.tasks
    .filter(({ request }) => request.dueMs === undefined)
    .map((task) => (isAsked.has(task) ? writingMs(task) : 0));
  const cost = sum(asked.map((task) => perfectMicroUsd(task, ablest(day, task, seed), day.plan)));
  return { costMicroUsd: Math.min(cost, naive.costMicroUsd), p95Ms: percentile(took, 95), quality: 1 };
}

/**
 * 100 points for the perfect day, less for each of cost, p95 and quality that falls short of it: the geometric mean of
 * the three, so that no one of them can be bought with the others.
 */
export function scoreOf({ costMicroUsd, p95Ms, quality }: Result, perfect: Result): number {
  const parts = [perfect.costMicroUsd / costMicroUsd, perfect.p95Ms / p95Ms, quality / perfect.quality];
  return 100 * Math.cbrt(parts.reduce((product, part) => product * Math.min(1, part), 1));
}

function writingMs(task: Task): number {
  return RESERVED_PACE.ttftMs + (countTokens(rightText(task)) / RESERVED_PACE.outputPerSec) * 1000;
}
