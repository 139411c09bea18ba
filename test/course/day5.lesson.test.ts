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
import { expectFigures } from './figures.ts';
import { figureOf } from './lab-figures.ts';

const SEED = 1;
const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day5-nodejs') as Day;
const measured: Record<string, string> = {};
let byBalancer: Record<string, string> = {};

beforeAll(async () => {
  byBalancer = await balanced();
  Object.assign(measured, await routing(), await scheduling(), await port());
}, 60_000);

test('day 5: every figure of the lesson is measured, or recorded with Python', () => {
  expectFigures('days/day5-nodejs/README.md', { measured, quoted: [] });
});

test('day 5: lab 5 prints what its four balancers do', () => {
  const task = readFileSync(join(day.dir, '5-router', 'README.md'), 'utf8').replace(/\s+/g, ' ');
  const words = Object.entries(byBalancer).map(([name, p95]) => `${name} ${p95}`);
  expect(task).toContain(`p95 with the solution: ${words.join(', ')}.`);
});

test('day 5: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

test('day 5: quiz and notes say of Python and Node what the lesson says', () => {
  const lasted = Object.values(measured).join(' ');
  const [python = '', node = '', bound = ''] =
    /took (\S+ s) in Python \(recorded\) and (\S+ s) .* faster than (\S+ s)/.exec(lasted)?.slice(1) ?? [];
  const notes = readFileSync('solutions/day5-nodejs/7-profile/NOTES.md', 'utf8').replace(/\s+/g, ' ');
  expect(notes).toContain(`Python took ${python} for the night`);
  expect(notes).toContain(`takes ${node} in virtual time`);
  expect(notes).toContain(`limit of the network is ${bound}`);
  expect(quiz.flatMap(({ options }) => options.map(({ why }) => why)).join(' ')).toContain(
    `${python} and ${node} for the same night of incidents`,
  );
  expect(Number.parseFloat(node) - Number.parseFloat(bound)).toBeLessThan(1);
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
  const typescript = await figureOf(day, '1-asyncio-port', 'port.ts', 'makespan');
  const python = inWords(recordedReference().elapsedMs, 'ms');
  return {
    'Python and Node': `took ${python} in Python (recorded) and ${typescript} in TypeScript`,
    bound: `no code can be faster than ${await limitOf('1-asyncio-port', 'makespan')}`,
  };
}

/** The limit of a figure, as the task prints it; the lab's own proof holds that to the simulator. */
async function limitOf(slug: string, metric: string): Promise<string> {
  const task = readFileSync(join(day.dir, slug, 'README.md'), 'utf8');
  const row = task.split('\n').find((line) => line.startsWith(`| ${metric} |`)) ?? '';
  return row.split(' | ').at(-1)?.replace(' |', '') ?? 'nothing';
}
