/*
 * Belief: The small model costs a fraction, and is good enough.
 * Effect: In the hard segments it answers worse than the strongest model.
 * Rejected by: is as good as the strongest model in every segment
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { small } = context.models;
  return solution.createAssistant({ ...context, models: { small, strong: small } }, off);
}
