/*
 * Belief: The first byte starts the clock's other hand: what it says does not matter.
 * Effect: The first byte is a blank. The first word comes with the last.
 * Rejected by: begins to answer within 0.8 s and ends within 2, the slowest twentieth aside
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, new Set([...off, 'streaming']));
  return {
    async *handle(request) {
      yield { text: ' ' };
      yield* assistant.handle(request);
    },
  };
}
