/*
 * Belief: A word at once is what people wait for, whatever word it is.
 * Effect: Everybody reads "Let me look." and waits as long as before.
 * Rejected by: answers with what a model said to this request, and with nothing else
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, new Set([...off, 'streaming']));
  return {
    async *handle(request) {
      yield { text: 'Let me look. ' };
      yield* assistant.handle(request);
    },
  };
}
