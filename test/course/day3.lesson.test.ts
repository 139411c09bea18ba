import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { scenario } from '../../days/day3-caching/1-exact-cache/scenario/index.ts';
import { INTENTS } from '../../days/day3-caching/corpus.ts';
import { quiz } from '../../days/day3-caching/quiz.ts';
import { inWords, randomFor } from '../../lib/provider/index.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectPhrases } from './figures.ts';
import { gradeHere } from './grade-here.ts';
import { fastLane, printedRow } from './printed-figures.ts';

const SEED = 1;
const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day3-caching') as Day;
const questions = INTENTS.flatMap((intent) => intent.questions).length;
const lesson = readFileSync(join(day.dir, 'README.md'), 'utf8');

test('day 3: the figures of lesson, quiz and tasks are measured', () => {
  expectPhrases('days/day3-caching/README.md', { ...cache(), ...errors(), ...fastLane(day) });
  expectPhrases('days/day3-caching/quiz.ts', {
    'limit of lab 6': `the limit of lab 6 is ${printedRow(day, '6-semantic-cache', 'hit rate').limit}`,
  });
});

test('day 3: a cache without a tenant in its key answers with what belongs to somebody else', async () => {
  expect(lesson).toContain("asked by another tenant | none: it gets somebody else's answer");
  const lab = day.labs[0];
  if (!lab) throw new Error('Day 3 has no labs.');
  const { checks } = await gradeHere(lab.checkFile, join(lab.solutionDir, 'before.ts'), SEED);
  const tenants = checks.find(({ title }) => title === 'never gives one tenant the answer of another');
  expect(tenants?.outcome.status).toBe('fail');
});

test('day 3: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** What lab 1 prints, held to its measurement by the proof of the day. */
function cache(): Record<string, string> {
  const hits = printedRow(day, '1-exact-cache', 'hit rate');
  const spent = printedRow(day, '1-exact-cache', 'spent on the help page');
  const faq = scenario.traffic(randomFor(SEED, 'traffic'));
  const asked = Object.values(faq)
    .flat()
    .filter((it) => it.faq).length;
  return {
    traffic: `Lab 1 plays ${asked} questions of a help page`,
    before: `| a cache with model and last message as its key | ${hits.before} | ${spent.before} |`,
    reference: `| a key with all that matters and nothing else | ${hits.reference} | ${spent.reference} |`,
    corpus: `${questions} questions of customers`,
  };
}

/** What may be said of the true share after n requests without an error. */
function errors(): Record<string, string> {
  const bound = (n: number) => inWords(1 - 0.05 ** (1 / n), 'share');
  return { bound: `300 requests for ${bound(300)}, 3,000 for ${bound(3000)}` };
}
