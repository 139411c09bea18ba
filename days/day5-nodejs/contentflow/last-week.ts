import { vectorFor } from '#lib/provider/embeddings/embeddings.ts';
import { findModel, type Model } from '#lib/provider/models.ts';
import { INTENTS } from '../../day3-caching/corpus.ts';
import { dot } from '../../day3-caching/similarity.ts';
import type { Context } from '../contracts/assistant.ts';
import { DIMENSIONS, EMBEDDING } from './ladder.ts';
import recorded from './last-week.json' with { type: 'json' };

/** Last week's questions, by number. */
export const QUESTIONS = INTENTS.flatMap(({ id, questions }) => questions.map((text) => ({ id, text })));

/** Half of them stored, the other half asked, several times over: recorded, because comparing all takes half a second. */
export const lastWeeksPairs: Context['pairs'] = recorded.map(([asked = 0, stored = 0, similarity = 0]) => {
  const [one, other] = [QUESTIONS[asked], QUESTIONS[stored]];
  return { question: one?.text ?? '', neighbour: other?.text ?? '', similarity, same: one?.id === other?.id };
});

/** As many decimals as are recorded. */
export const DECIMALS = 5;

/** True while the embedder gives what was recorded. */
export function isOfToday(
  { question, neighbour, similarity } = lastWeeksPairs[0] as Context['pairs'][0],
): boolean {
  const [one, other] = [vectorOf(question), vectorOf(neighbour)];
  return dot(one, other).toFixed(DECIMALS) === similarity.toFixed(DECIMALS);
}

export function vectorOf(text: string): Float32Array {
  return vectorFor(text.toLowerCase(), findModel(EMBEDDING) as Model, DIMENSIONS);
}
