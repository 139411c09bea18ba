/*
 * Belief: Asking both deployments at once and taking the first answer is safe and fast.
 * Effect: And paid for twice: the bill is far above what the day needs.
 * Rejected by: pays at least 40 % less, and little more than the day needs
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

type Create = Context['azure']['chat']['completions']['create'];

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { azure, openai, models, allowance, rules } = context;
  const { strong, small } = models;
  const create = (body: Parameters<Create>[0], options: Parameters<Create>[1]) => {
    const first = azure.chat.completions.create(body, options);
    if (JSON.stringify(body.messages[0]).includes(rules(allowance.tenant))) return first;
    const model = body.model === strong.deployment ? strong.model : small.model;
    return Promise.any([first, openai.chat.completions.create({ ...body, model }, options)]);
  };
  const hedged = { chat: { completions: { create } } } as unknown as Context['azure'];
  return solution.createAssistant({ ...context, azure: hedged }, off);
}
