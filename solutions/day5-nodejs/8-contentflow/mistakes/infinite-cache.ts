/*
 * Belief: A cache gets better with everything that it keeps.
 * Effect: Nothing ever leaves it, and it grows beyond its bounds.
 * Rejected by: keeps the cache within its bounds
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant({ ...context, cacheEntries: Number.POSITIVE_INFINITY }, off);
}
