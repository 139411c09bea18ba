import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { inWords, type Random, randomFor } from '#lib/provider';
import { simulate } from '#lib/provider/scenario.ts';
import { helpDesk, isWrong } from './6-semantic-cache/scenario/index.ts';
import { type Intent, parseIntentCsv } from './corpus.ts';
import { curve } from './likeness.ts';
import { upperBound } from './similarity.ts';

/** What lab 6 measures, on questions of somebody's own. */
export interface Measurement {
  intents: number;
  /** Questions that took part. */
  questions: number;
  /** Chosen from the labelled half. */
  threshold: number;
  requests: number;
  /** Right answers from the cache. */
  hits: number;
  wrong: number;
  /** What the true share of wrong answers is below, with a confidence of 95 %. */
  wrongBound: number;
  /** What each threshold would do by similarity alone. */
  curve: string;
}

/** Of a large file so many questions are drawn: each is compared with each. */
const MOST_QUESTIONS = 1500;

/** Plays the traffic of lab 6 with the questions of a CSV in the form of Banking77. Rejects if it cannot be used. */
export async function measureCsv(csv: string, subject: typeof Subject, seed = 1): Promise<Measurement> {
  const intents = drawn(parseIntentCsv(csv), randomFor(seed, 'own questions'));
  if (intents.length < 2)
    throw new Error(
      `The file has ${intents.length} intents with four questions or more; two are needed. Its first line should be "text,category", and each further one a question and its intent.`,
    );
  const scenario = helpDesk(intents);
  const { outcome } = await simulate(scenario, subject, { seed });
  if (!outcome.ok) throw outcome.error;
  const { served, threshold, pairs } = outcome.value;
  const wrong = served.filter(isWrong).length;
  return {
    intents: intents.length,
    questions: intents.flatMap(({ questions }) => questions).length,
    threshold,
    requests: served.length,
    hits: served.filter((it) => it.got && !isWrong(it)).length,
    wrong,
    wrongBound: upperBound(wrong, served.length),
    curve: curve(pairs),
  };
}

export function inLines(measured: Measurement): string {
  const { intents, questions, threshold, requests, hits, wrong, wrongBound, curve } = measured;
  return [
    `${questions} questions of ${intents} intents, ${requests} requests, threshold ${threshold.toFixed(3)}`,
    `hit rate                     ${inWords(hits / requests, 'share')}`,
    `wrong answers                ${inWords(wrong / requests, 'share')}`,
    `wrong answers, upper bound   ${inWords(wrongBound, 'share')}`,
    'By similarity alone, on the labelled pairs:',
    curve,
  ].join('\n');
}

/** Intents with questions enough for both halves, and of each an equal number at most. */
function drawn(intents: readonly Intent[], random: Random): Intent[] {
  const each = Math.max(4, Math.floor(MOST_QUESTIONS / intents.length));
  return intents
    .map((intent) => ({ ...intent, questions: random.shuffle(intent.questions).slice(0, each) }))
    .filter(({ questions }) => questions.length >= 4);
}
