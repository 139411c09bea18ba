/*
 * Belief: A complete answer is worth waiting for.
 * Effect: The first word comes with the last, long after 0.8 s.
 * Rejected by: begins to answer within 0.8 s and ends within 2, the slowest twentieth aside
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const optimizations = solution.optimizations.filter((name) => name !== 'streaming');

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set([...off, 'streaming']));
}
