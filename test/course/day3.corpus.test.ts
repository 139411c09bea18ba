import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INTENTS, type Intent, parseIntentCsv } from '../../days/day3-caching/corpus.ts';
import { TRAPS } from '../../days/day3-caching/corpus-traps.ts';
import { quiz } from '../../days/day3-caching/quiz.ts';
import { vectorFor } from '../../lib/provider/embeddings/embeddings.ts';
import { cosine } from '../../lib/provider/embeddings/vector.ts';
import { findModel, type Model } from '../../lib/provider/models.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { chooseThreshold, type Pair } from '../../solutions/day3-caching/6-semantic-cache/semantic-cache.ts';

test('the corpus has 600 different questions or more, in 40 intents or more, with all five kinds of traps', () => {
  const questions = INTENTS.flatMap((intent) => intent.questions.map((question) => question.toLowerCase()));
  expect(INTENTS.length).toBeGreaterThanOrEqual(40);
  expect(questions.length).toBeGreaterThanOrEqual(600);
  expect(new Set(questions).size).toBe(questions.length);
  expect(new Set(INTENTS.map(({ id }) => id)).size).toBe(INTENTS.length);
  expect(new Set(TRAPS.map(({ kind }) => kind))).toEqual(
    new Set(['number', 'date', 'name', 'polarity', 'negation']),
  );
});

test('a CSV in the form of Banking77 is read, with quotes, commas and Windows line ends', () => {
  const csv =
    'text,category\r\nI lost my card,lost_card\r\n"Hello, ""card"" gone?",lost_card\r\nTop up?,top_up\r\n';
  expect(parseIntentCsv(csv)).toEqual([
    { id: 'lost_card', family: 'lost_card', questions: ['I lost my card', 'Hello, "card" gone?'] },
    { id: 'top_up', family: 'top_up', questions: ['Top up?'] },
  ]);
});

test('day 3: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** To repeat the measurement on other questions: `INTENT_CSV=path npm test -- test/course/day3.corpus.test.ts`. */
const path = process.env.INTENT_CSV;

test.skipIf(!path)(
  'the threshold chosen on one half of a CSV of intents, and what it does on the other',
  () => {
    const intents = parseIntentCsv(readFileSync(path as string, 'utf8'));
    const [calibration, hidden] = [0, 1].map((half) => pairsOf(intents, half)) as [Pair[], Pair[]];
    const threshold = chooseThreshold(calibration, 0.01);
    const hits = hidden.filter(({ similarity }) => similarity >= threshold);
    const wrong = hits.filter(({ same }) => !same).length;
    const share = (count: number) => `${((100 * count) / hidden.length).toFixed(2)} %`;
    console.log(
      `${intents.length} intents, threshold ${threshold.toFixed(3)}: ${share(hits.length)} hits, ${share(wrong)} wrong by similarity alone`,
    );
  },
);

/** The nearest neighbour of every other question, among at most 1,500. */
function pairsOf(intents: readonly Intent[], half: number): Pair[] {
  const model = findModel('text-embedding-3-small') as Model;
  const all = intents
    .flatMap(({ id, questions }) =>
      questions.filter((_, i) => i % 2 === half).map((question) => ({ id, question })),
    )
    .slice(0, 1500)
    .map((it) => ({ ...it, vector: vectorFor(it.question, model, 384) }));
  return all.map(({ id, question, vector }) => {
    const best: Pair = { question, neighbour: '', similarity: -1, same: false };
    for (const other of all) {
      const similarity = other.question === question ? -1 : cosine(vector, other.vector);
      if (similarity > best.similarity)
        Object.assign(best, { neighbour: other.question, similarity, same: other.id === id });
    }
    return best;
  });
}
