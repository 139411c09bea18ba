/*
 * Belief: An answer is good for the day.
 * Effect: The page that it was made from is updated, and the old answer is given on.
 * Rejected by: gives no answer from before an update
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const handbook = (tenant: string) => ({ ...context.handbook(tenant), edition: 1 });
  return solution.createAssistant({ ...context, handbook }, off);
}
