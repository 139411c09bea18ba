import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner, type Runner } from '../../lib/grader/runner.ts';
import type { Verdict } from '../../lib/workbook/verdict.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
const workbook = readWorkbook(fixture.root);
const NEW = { version: 1 as const, labs: {}, quizzes: {} };
let runner: Runner;

beforeAll(() => {
  runner = createRunner({ root: fixture.root, env: process.env });
});
afterAll(() => {
  runner.close();
  fixture.remove();
});

const READS = `import { check, hold, meets, play } from '#lib/check';
import { defineScenario } from '#lib/provider';
import * as subject from '#days/day1-basics/2-double/double.ts';

const scenario = defineScenario({
  traffic: () => 4,
  play: (given: typeof subject, { traffic }) => given.double(traffic),
  readings: ({ outcome }) => ({
    digits: { unit: 'count', better: 'lower', value: outcome.value.toFixed(0).length, target: 1, limit: null },
  }),
});
const run = play(scenario, subject);
check('returns a number', async () => {
  const { value } = await run();
  hold(value.toFixed(0) === '8', { happened: 'no', expected: '8' });
});
check('returns one digit', async () => meets(await run(), 'digits'));
`;

/** Grades the second lab with these checks and this file. */
function gradeShape(checks: string, text: string): Promise<Verdict> {
  fixture.write('days/day1-basics/2-double/check.test.ts', checks);
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const subject = fixture.write('given/double.ts', text);
  return gradeLab(runner, double, { workbook, progress: NEW, quick: true, subject });
}

test('a value of another shape than promised is one sentence, whichever part of the course stumbles over it', async () => {
  const verdict = await gradeShape(READS, 'export const double = () => undefined;\n');
  expect(verdict).toMatchObject({ status: 'failed', metrics: [] });
  expect(verdict.checks).toMatchObject([
    {
      status: 'fail',
      message:
        "The check cannot go on with what your code gave it: Cannot read properties of undefined (reading 'toFixed').",
      expected: "a value of the shape that the task's contract names and the starter's types show",
    },
    {
      status: 'skipped',
      message: 'cannot be judged: what the code gave has another shape, as at "returns a number"',
    },
  ]);
});

test("an error of the same kind inside of the learner's own code is theirs, with its line", async () => {
  const text = 'export const double = (n?: string) =>\n  (undefined as unknown as string[]).map(() => n);\n';
  const [first] = (await gradeShape(READS, text)).checks;
  expect(first).toMatchObject({
    message: "Your code threw TypeError: Cannot read properties of undefined (reading 'map').",
    place: { file: expect.stringContaining('double.ts'), line: 2 },
  });
});

const TWO_PLAYS = `import { check, hold, play } from '#lib/check';
import { defineScenario } from '#lib/provider';
import * as subject from '#days/day1-basics/2-double/double.ts';

const scenarioOf = (n: number) =>
  defineScenario({ traffic: () => n, play: (given: typeof subject, { traffic }) => given.double(traffic) });
const small = play(scenarioOf(1), subject);
const large = play(scenarioOf(9), subject);
check('doubles one', async () => hold((await small()).value === 2, { happened: 'no', expected: '2' }));
check('doubles nine', async () => hold((await large()).value === 18, { happened: 'no', expected: '18' }));
check('doubles nine again', async () => hold((await large()).value === 18, { happened: 'no', expected: '18' }));
`;

test('checks that fail by one cause are one failure, and it says which; another cause is another', async () => {
  const stuck = await gradeShape(TWO_PLAYS, 'export const double = () => new Promise(() => {});\n');
  expect(stuck.checks).toMatchObject([
    { status: 'fail', message: expect.stringContaining('waits for something that never comes') },
    { status: 'skipped', message: 'cannot be judged: the code got stuck, as at "doubles one"' },
    { status: 'skipped' },
  ]);
  const throws = "if (n > 1) throw new Error('too much'); return 3;";
  const twice = await gradeShape(TWO_PLAYS, `export const double = (n: number) => { ${throws} };\n`);
  expect(twice.checks).toMatchObject([
    { status: 'fail', message: 'No.' },
    { status: 'fail', message: 'Your code threw Error: too much.' },
    { status: 'skipped', message: 'cannot be judged: the code threw, as at "doubles nine"' },
  ]);
});
