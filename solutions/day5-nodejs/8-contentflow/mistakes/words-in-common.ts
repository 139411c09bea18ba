/*
 * Belief: Two questions with half their words in common are the same.
 * Effect: "30 days" and "60 days" are then, and the answer to another question is served.
 * Rejected by: hardly ever serves the answer to another question
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const assistant = solution.createAssistant(context, off);
  const kept: { scope: string; words: Map<string, number>; text: string }[] = [];
  return {
    async *handle(request) {
      if (request.segment !== 'faq') return yield* assistant.handle(request);
      const scope = `${request.tenant} ${context.handbook(request.tenant).edition}`;
      const words = countWords(request.question);
      const hit = kept.find((entry) => entry.scope === scope && cosine(entry.words, words) >= 0.5);
      if (hit) return yield { text: hit.text };
      let text = '';
      for await (const chunk of assistant.handle(request)) {
        text += chunk.text;
        yield chunk;
      }
      kept.push({ scope, words, text });
    },
  };
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function cosine(a: Map<string, number>, b: Map<string, number>): number {
  const length = (counts: Map<string, number>) => Math.hypot(...counts.values());
  let dot = 0;
  for (const [word, count] of a) dot += count * (b.get(word) ?? 0);
  return dot / (length(a) * length(b));
}
