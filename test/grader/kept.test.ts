import { utimesSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradeAndRecord } from '../../lib/cli/grading.ts';
import { beforeKey, readBefore } from '../../lib/grader/before-cache.ts';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner, type Runner } from '../../lib/grader/runner.ts';
import { HOME } from '../../lib/workbook/home.ts';
import { standing } from '../../lib/workbook/status.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const RIGHT = 'export const add = async (a: number, b: number) => a + b;\n';
const WRONG = 'export const add = async (a: number, b: number) => a - b;\n';

/** Two plays with figures. */
const TWO_PLAYS = `import { check, hold, meets, play } from '#lib/check';
import { defineScenario } from '#lib/provider';
import * as subject from '#days/day1-basics/2-double/double.ts';

const scenarioOf = (name: string, n: number) =>
  defineScenario({
    traffic: () => n,
    play: (given: typeof subject, { traffic }) => given.double(traffic),
    readings: ({ outcome }) => ({ [name]: { unit: 'count', better: 'lower', value: outcome.value, target: 99, limit: null } }),
  });
const small = play(scenarioOf('of one', 1), subject);
const large = play(scenarioOf('of nine', 9), subject);
check('doubles one', async () => meets(await small(), 'of one'));
check('doubles nine', async () => meets(await large(), 'of nine'));
`;

const fixture = makeWorkbook({ 'days/day1-basics/2-double/check.test.ts': TWO_PLAYS });
const workbook = readWorkbook(fixture.root);
const [add, double] = allLabs(workbook) as [Lab, Lab];
const NEW = () => ({ version: 1 as const, labs: {}, quizzes: {} });
let runner: Runner;
beforeAll(() => {
  runner = createRunner({ root: fixture.root, env: process.env });
});
afterAll(() => {
  runner.close();
  fixture.remove();
});

test('a file that is saved while it is graded is "edited since": the verdict is of what it held before', async () => {
  fixture.write(ADD, RIGHT);
  const course = { workbook, progress: NEW() };
  // Held where the grading has begun and nothing is loaded yet.
  const saving: Runner = {
    ...runner,
    grade(...request) {
      fixture.write(ADD, WRONG);
      return runner.grade(...request);
    },
  };
  const choice = { subject: 'yours', seed: 1, quick: true };
  expect(await gradeAndRecord(saving, course, add, choice, fixture.root)).toMatchObject({ status: 'passed' });
  expect(standing(add, course.progress)).toMatchObject({ status: 'passed', editedSince: true });
  fixture.write(ADD, RIGHT);
  expect(standing(add, course.progress)).toMatchObject({ status: 'passed', editedSince: false });
});

test('figures of the naive version are kept whole or not at all', async () => {
  const gradeDouble = (text: string) => {
    const subject = fixture.write('given/double.ts', text);
    return gradeLab(runner, double, { workbook, progress: NEW(), subject, quick: true });
  };
  const key = beforeKey(HOME, double, 1);
  const broken = await gradeDouble(
    'export const double = (n: number) => { if (n > 1) throw new Error("no"); return 2 * n; };\n',
  );
  expect(broken.metrics).toMatchObject([{ name: 'of one', yours: 2, before: expect.any(Number) }]);
  expect(readBefore(fixture.root, key)).toBeUndefined();
  const whole = await gradeDouble('export const double = (n: number) => 2 * n;\n');
  expect(whole).toMatchObject({ status: 'passed' });
  expect(Object.keys(readBefore(fixture.root, key) ?? {})).toEqual(['of one', 'of nine']);
});

test('a warm child is started anew when clock, provider, checks or grader have changed', async () => {
  const subject = fixture.write(
    'given/add.ts',
    'export const add = async () => { throw new Error(String(process.ppid)); };\n',
  );
  const pid = async () =>
    (await gradeLab(runner, add, { workbook, progress: NEW(), subject, quick: true })).checks[0]?.message;
  const first = await pid();
  expect(await pid()).toBe(first);
  // The same content with another time, so that nobody else is disturbed.
  utimesSync(resolve('lib/clock/errors.ts'), new Date(), new Date());
  expect(await pid()).not.toBe(first);
});
