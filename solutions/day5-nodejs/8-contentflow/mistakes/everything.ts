/*
 * Belief: One name is enough for what belongs together.
 * Effect: The report has one line, and it says that everything brings everything.
 * Rejected by: says what each optimisation brings, by switching it off
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context, Optimization } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const optimizations = ['everything'] as unknown as readonly Optimization[];

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set(off.has('everything') ? solution.optimizations : []));
}
