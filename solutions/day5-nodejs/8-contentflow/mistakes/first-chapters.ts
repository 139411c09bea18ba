/*
 * Belief: The three best matches hold the answer.
 * Effect: The fact asked for stands in the fourth. Answers in that segment are wrong where the
 *   strongest model has them right.
 * Rejected by: is as good as the strongest model in every segment
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  return { handle: (request) => assistant.handle({ ...request, docs: request.docs.slice(0, 3) }) };
}
