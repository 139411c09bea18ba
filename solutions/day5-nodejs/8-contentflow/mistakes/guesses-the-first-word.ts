/*
 * Belief: Answers begin alike, so their first word can be shown before the model is asked.
 * Effect: The first word is on the screen at once, also of answers that never come.
 * Rejected by: answers with what a model said to this request, and with nothing else
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

const FIRST = { faq: 'Entry ', account: 'For ', document: 'They ', expert: 'I ', tagging: '' };

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  return {
    async *handle(request) {
      const first = FIRST[request.segment];
      if (first !== '' && request.tenant !== context.allowance.tenant) yield { text: first };
      let text = '';
      for await (const chunk of assistant.handle(request)) {
        text += chunk.text;
        if (chunk.degraded) yield chunk;
      }
      const isShown = request.tenant !== context.allowance.tenant && text.startsWith(first);
      yield { text: isShown ? text.slice(first.length) : text };
    },
  };
}
