import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'pays half, and a quarter less where no cache helps';

export const { optimizations } = solution;

type Create = Context['azure']['chat']['completions']['create'];

/** Every call goes to both deployments at once, and the first answer counts: safe, fast, and paid for twice. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { azure, openai, models, allowance, rules } = context;
  const { strong, small } = models;
  const create = (body: Parameters<Create>[0], options: Parameters<Create>[1]) => {
    const first = azure.chat.completions.create(body, options);
    // The prepaid tenant cannot afford it.
    if (String(body.messages[0]?.content).startsWith(rules(allowance.tenant))) return first;
    const model = body.model === strong.deployment ? strong.model : small.model;
    return Promise.any([first, openai.chat.completions.create({ ...body, model }, options)]);
  };
  const hedged = { chat: { completions: { create } } } as unknown as Context['azure'];
  return solution.createAssistant({ ...context, azure: hedged }, off);
}
