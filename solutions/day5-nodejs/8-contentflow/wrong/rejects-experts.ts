import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'fails nobody, not even in the brown-out';

export const { optimizations } = solution;

/** A tenth of the questions is hard; without them everything is fast, cheap and right. */
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
