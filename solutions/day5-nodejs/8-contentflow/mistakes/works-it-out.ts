/*
 * Belief: What follows from the request needs no model.
 * Effect: Sums and tags are worked out by a formula that knows today's forms. No model was asked, and no reader of the rules can say why an answer is right.
 * Rejected by: answers with what a model said to this request, and with nothing else
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context, Request } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  return {
    async *handle(request) {
      const text = formula(request);
      if (text === undefined) yield* assistant.handle(request);
      else yield { text };
    },
  };
}

function formula({ id, segment, question, docs }: Request): string | undefined {
  const [one, other] = question.match(/\d+/g) ?? [];
  const weight = (item = '') =>
    Number(new RegExp(`Item ${item} of .*?, (\\d+) grams`).exec(docs.map(({ text }) => text).join(' '))?.[1]);
  if (segment === 'tagging') return `tag ${id.slice(1)}`;
  if (segment === 'account') return `For you it is rate ${one}-${other}, by the terms of your contract.`;
  if (segment === 'document')
    return `They weigh ${weight(one) + weight(other)} grams in all, without the box.`;
  return undefined;
}
