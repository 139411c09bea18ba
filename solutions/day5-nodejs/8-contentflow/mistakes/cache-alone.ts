/*
 * Belief: A good cache, streams and two deployments are enough.
 * Effect: Most of the bill is for what is asked once. Nothing there gets cheaper.
 * Rejected by: pays at least 40 % less, and little more than the day needs
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

const LEFT_OUT = ['prefix_layout', 'prompt_compression', 'model_downgrading', 'request_batching'];

export const optimizations = solution.optimizations.filter((name) => !LEFT_OUT.includes(name));

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set([...off, ...LEFT_OUT]));
}
