/*
 * Belief: A question asked again is asked in the same words.
 * Effect: Only equal ones are found. Most help questions are asked anew.
 * Rejected by: answers most help questions without a call
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant({ ...context, pairs: [] }, off);
}
