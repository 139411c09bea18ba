/*
 * Belief: A switch is a switch: with any of them off, the old path is taken.
 * Effect: Nobody can tell what one optimisation brings, because all of them go together.
 * Rejected by: says what each optimisation brings, by switching it off
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set(off.size > 0 ? optimizations : []));
}
