import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { quiz } from '../../days/day4-metrics/quiz.ts';
import { percentile, sum } from '../../lib/provider/index.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectPhrases } from './figures.ts';
import { figureOf } from './lab-figures.ts';

const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day4-metrics') as Day;
const measured: Record<string, string> = { ...list(), ...arithmetic() };

beforeAll(async () => {
  Object.assign(measured, await labs());
}, 60_000);

test('day 4: the figures of the lesson are measured', () => {
  expectPhrases('days/day4-metrics/README.md', measured);
});

test('day 4: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** Twenty calls, as the lesson describes them. */
function list(): Record<string, string> {
  const calls = [...Array.from({ length: 19 }, () => 1000), 41_000];
  const seconds = (ms: number) => `${ms / 1000} s`;
  return {
    mean: `| mean | ${(sum(calls) / calls.length / 1000).toFixed(1)} s |`,
    median: `| median | ${seconds(percentile(calls, 50))} |`,
    p95: `| p95 | ${seconds(percentile(calls, 95))} |`,
    p99: `| p99, max | ${seconds(percentile(calls, 99))} |`,
  };
}

function arithmetic(): Record<string, string> {
  const buckets = Math.ceil(Math.log(1_000_000) / Math.log(1.02));
  const left = Math.round((1 - 0.6) * (1 - 0.4) * 100) / 100;
  return {
    buckets: `grow by 2 % reach from 1 ms to 1,000 s with ${buckets} numbers`,
    savings: `0.4 × 0.6 = ${left}, so ${Math.round((1 - left) * 100)} % in all, not ${60 + 40} %`,
  };
}

/** Figures of the labs, from their own checks. */
async function labs(): Promise<Record<string, string>> {
  const figure = (slug: string, subject: string, name: string) => figureOf(day, slug, subject, name);
  const luck = await figure('2-before-after', 'before.ts', 'false "better"');
  const closed = await figure('5-load-test', 'before.ts', 'p99 reported of a stall');
  const open = await figure('5-load-test', 'load-test.ts', 'p99 reported of a stall');
  const peeking = await figure('7-ab-test', 'mistakes/peeking', 'false decisions, A/A');
  return {
    'two means': `comparing the two means calls ${luck} "better"`,
    'closed and open': `reports a p99 of ${closed}, where users met ${open}`,
    peeking: `finds something in ${peeking} of the experiments in which there is nothing`,
  };
}
