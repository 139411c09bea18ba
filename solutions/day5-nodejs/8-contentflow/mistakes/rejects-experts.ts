/*
 * Belief: Without the hard tenth everything is fast, cheap and right.
 * Effect: Those who ask the hard questions are turned away: that is failing them.
 * Rejected by: fails nobody, not even in the brown-out
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  return {
    async *handle(request) {
      const isHard = request.segment === 'expert' && request.tenant !== context.allowance.tenant;
      if (isHard) yield { text: 'This question is too hard for us.', degraded: 'overload' };
      else yield* assistant.handle(request);
    },
  };
}
