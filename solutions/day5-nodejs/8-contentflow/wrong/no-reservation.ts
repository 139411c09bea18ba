import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'spends the allowance to its end and not a micro-dollar more';

export const { optimizations } = solution;

/** Looks at what was spent, and adds the bill when it comes: a dozen that ask at once all see the same sum. */
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
