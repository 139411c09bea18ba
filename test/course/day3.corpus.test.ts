import { expect, test } from 'vitest';
import { scenario } from '../../days/day3-caching/6-semantic-cache/scenario/index.ts';
import { INTENTS, parseIntentCsv } from '../../days/day3-caching/corpus.ts';
import { TRAPS } from '../../days/day3-caching/corpus-traps.ts';
import { measureCsv } from '../../days/day3-caching/own-questions.ts';
import { inWords } from '../../lib/provider/metrics.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import * as semanticCache from '../../solutions/day3-caching/6-semantic-cache/semantic-cache.ts';
import { expectPhrases } from './figures.ts';

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

test('a CSV of intents is measured as the corpus is: hits, wrong answers and what these are below', async () => {
  const plain = await measureCsv(csvOf(TOPICS.map((topic) => [topic, topic])), semanticCache);
  expect(plain).toMatchObject({ intents: 12, questions: 72, requests: 1500, wrong: 0 });
  expect(plain.hits).toBeGreaterThan(1000);
  expect(plain.wrongBound).toBeCloseTo(1 - 0.05 ** (1 / 1500), 6);
});

test('answers that are wrong by the labels of the CSV are counted as wrong', async () => {
  // The same words under two labels: no cache can know which is meant.
  const twice = TOPICS.flatMap((topic) => [
    [`${topic} one`, topic],
    [`${topic} two`, topic],
  ]);
  const { wrong, wrongBound, requests } = await measureCsv(csvOf(twice), semanticCache);
  expect(wrong).toBeGreaterThan(requests / 10);
  expect(wrongBound).toBeGreaterThan(wrong / requests);
});

test('a file that is no CSV of intents is refused with what it should look like', async () => {
  await expect(measureCsv('id;text\n1;hello', semanticCache)).rejects.toThrow('"text,category"');
});

test('no threshold gives 60 % hits and 1 % wrong answers on the corpus: the figures that the task prints', async () => {
  const at = async (threshold: number) => {
    const fixed = { ...semanticCache, chooseThreshold: () => threshold };
    const { readings } = await simulate(scenario, fixed, { seed: 1 });
    const share = (name: string) => readings[name]?.value ?? Number.NaN;
    return { hits: share('hit rate'), wrong: share('wrong answers, upper bound') };
  };
  const [early, late] = [await at(0.55), await at(0.4)];
  expect(early.wrong).toBeGreaterThan(0.01);
  // A stricter one gives fewer hits, a looser one more errors.
  expect(early.hits).toBeLessThan(0.6);
  const [hits, wrong] = [inWords(early.hits, 'share'), inWords(early.wrong, 'share')];
  const questions = INTENTS.flatMap((intent) => intent.questions).length;
  expectPhrases('days/day3-caching/6-semantic-cache/README.md', {
    corpus: `a corpus of ${questions} questions and ${INTENTS.length} intents`,
    hits: `a threshold of 0.55, ${hits} of the requests are hits`,
    wrong: `upper bound of the wrong ones is ${wrong}`,
    late: `at 0.4 it is ${inWords(late.hits, 'share')} and ${inWords(late.wrong, 'share')}.`,
  });
});

const TOPICS =
  'refund invoice password delivery warranty newsletter holiday printer discount contract tax colour'.split(
    ' ',
  );

/** Six questions for each intent: its name, and what the question is about. */
function csvOf(intents: string[][]): string {
  const rows = intents.flatMap(([intent, topic]) => [
    `How does the ${topic} work?,${intent}`,
    `Tell me about the ${topic},${intent}`,
    `What about my ${topic}?,${intent}`,
    `The ${topic} please,${intent}`,
    `"I have a question, it is the ${topic}",${intent}`,
    `Is there a ${topic}?,${intent}`,
  ]);
  return ['text,category', ...rows].join('\n');
}
