/*
 * Belief: The question is the key.
 * Effect: One tenant is given the answer that was made for another.
 * Rejected by: gives no tenant the answer of another
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  const kept = new Map<string, string>();
  return {
    async *handle(request) {
      const known = request.segment === 'faq' ? kept.get(request.question) : undefined;
      if (known !== undefined) return yield { text: known };
      let text = '';
      for await (const chunk of assistant.handle(request)) {
        text += chunk.text;
        yield chunk;
      }
      if (kept.size < context.cacheEntries / 4) kept.set(request.question, text);
    },
  };
}
