/*
 * Belief: Look at what was spent, and add each bill when it comes.
 * Effect: A dozen who ask at once all see the same sum, and together they spend more than the
 *   allowance.
 * Rejected by: spends the allowance to its end and not a micro-dollar more
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { allowance, models, rules } = context;
  const unlimited = { ...allowance, tenant: 'nobody' };
  const assistant = solution.createAssistant({ ...context, allowance: unlimited }, off);
  let spent = 0;
  return {
    async *handle(request) {
      if (request.segment !== 'expert' || request.tenant !== allowance.tenant)
        return yield* assistant.handle(request);
      if (spent >= allowance.microUsd)
        return yield { text: 'The allowance is used up.', degraded: 'allowance' };
      let written = 0;
      for await (const chunk of assistant.handle(request)) {
        written += chunk.text.length / 4;
        yield chunk;
      }
      const texts = [rules(request.tenant), request.question, ...request.docs.map(({ text }) => text)];
      const read = texts.join('').length / 4;
      spent += read * models.strong.inputMicroUsd + written * models.strong.outputMicroUsd;
    },
  };
}
