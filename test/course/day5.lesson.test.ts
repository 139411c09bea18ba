import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BALANCERS, p95Of, tail, uneven } from '../../days/day5-nodejs/5-router/scenario.ts';
import { quiz } from '../../days/day5-nodejs/quiz.ts';
import { recordedReference } from '../../days/day5-nodejs/reference.ts';
import { inWords } from '../../lib/provider/metrics.ts';
import { findModel, modelFor } from '../../lib/provider/models.ts';
import { priceOf } from '../../lib/provider/money.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import * as turns from '../../solutions/day5-nodejs/5-router/before.ts';
import * as router from '../../solutions/day5-nodejs/5-router/router.ts';
import { expectPhrases } from './figures.ts';
import { figureOf } from './lab-figures.ts';
import { printedRow } from './printed-figures.ts';

const SEED = 1;
const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day5-nodejs') as Day;
const measured: Record<string, string> = {};
let byBalancer: Record<string, string> = {};
/** The night of incidents, in Python, in TypeScript, and at best. */
const night = { python: '', typescript: '', bound: '' };

beforeAll(async () => {
  byBalancer = await balanced();
  Object.assign(measured, await routing(), await scheduling(), await port());
}, 60_000);

test('day 5: the figures of lesson, quiz, tasks and notes are measured, or recorded with Python', () => {
  expectPhrases('days/day5-nodejs/README.md', measured);
  const words = Object.entries(byBalancer).map(([name, p95]) => `${name} ${p95}`);
  expectPhrases('days/day5-nodejs/5-router/README.md', {
    balancers: `p95 with the solution: ${words.join(', ')}.`,
  });
  const { python, typescript, bound } = night;
  expectPhrases('days/day5-nodejs/quiz.ts', {
    'Python and Node': `${python} and ${typescript} for the same night of incidents`,
    'everything is done': `Lab 6: ${printedRow(day, '6-scheduler', 'goodput in overload').before} finished in time`,
  });
  expectPhrases('solutions/day5-nodejs/7-profile/NOTES.md', {
    python: `Python took ${python} for the night`,
    typescript: `the port of lab 5.1 takes ${typescript} in virtual time`,
    bound: `limit of the network is ${bound}`,
  });
  expect(
    Number.parseFloat(typescript) - Number.parseFloat(bound),
    'no code can save more than a second',
  ).toBeLessThan(1);
});

test('day 5: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

test('day 5: the lesson has the last days that the catalogue has', () => {
  const lesson = readFileSync(join(day.dir, 'README.md'), 'utf8').replace(/\s+/g, ' ');
  const { openai, azure } = findModel('gpt-5')?.lastDay ?? {};
  expect(lesson).toContain(`GPT-5 ends at OpenAI on ${inFull(openai)} and on Azure on ${inFull(azure)}.`);
});

function inFull(date: string | null | undefined): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date ?? 0));
}

test('day 5: lab 5 is right in saying that a write to the cache costs more than plain input', () => {
  const { input, cacheWrite = 0 } = priceOf(modelFor('small'));
  expect(cacheWrite).toBeGreaterThan(input);
});

test('day 5: the small model costs a twentieth of the strong one, as the capstone says', () => {
  const [small, strong] = [priceOf(modelFor('small')), priceOf(modelFor('strong'))];
  expect(strong.input / small.input).toBeCloseTo(20);
  expect(strong.output / small.output).toBeCloseTo(20);
});

/** The p95 of each balancer in lab 5, with the reference. */
async function balanced(): Promise<Record<string, string>> {
  const { outcome } = await simulate(uneven, router as unknown as Parameters<typeof uneven.play>[0], {
    seed: SEED,
  });
  if (!outcome.ok) throw outcome.error;
  return Object.fromEntries(BALANCERS.map((name) => [name, inWords(p95Of(outcome.value.get(name)), 'ms')]));
}

async function routing(): Promise<Record<string, string>> {
  const figures = async (subject: unknown) => {
    // The classes have private parts of their own; what the scenario calls is the same.
    const { readings } = await simulate(tail, subject as Parameters<typeof tail.play>[0], { seed: SEED });
    const said = (name: string) => inWords(readings[name]?.value ?? 0, readings[name]?.unit ?? 'ms');
    return { p97: said('p97 of calm traffic'), extra: said('extra calls') };
  };
  const [before, ours] = [await figures(turns), await figures(router)];
  return {
    hedging: `97th percentile from ${before.p97} to ${ours.p97}, for ${ours.extra} more calls`,
    balancers: `| p95 ${Object.values(byBalancer).join(' | ')} |`,
  };
}

async function scheduling(): Promise<Record<string, string>> {
  const goodput = (subject: string) => figureOf(day, '6-scheduler', subject, 'goodput in overload');
  return {
    'everything is done': `what is in time is ${await goodput('before.ts')} of what the places can do`,
    'some is turned away': `makes it ${await goodput('scheduler.ts')}, since they work on after it`,
  };
}

async function port(): Promise<Record<string, string>> {
  night.typescript = await figureOf(day, '1-asyncio-port', 'port.ts', 'makespan');
  night.python = inWords(recordedReference().elapsedMs, 'ms');
  night.bound = printedRow(day, '1-asyncio-port', 'makespan').limit;
  return {
    'Python and Node': `took ${night.python} in Python (recorded) and ${night.typescript} in TypeScript`,
    bound: `no code can be faster than ${night.bound}`,
  };
}
