import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner, type Runner } from '../../lib/grader/runner.ts';
import type { Verdict } from '../../lib/workbook/verdict.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
const workbook = readWorkbook(fixture.root);
const [lab] = allLabs(workbook) as [Lab];
const NEW = { version: 1 as const, labs: {}, quizzes: {} };
let runner: Runner;

beforeAll(() => {
  runner = createRunner({ root: fixture.root, env: process.env });
});
afterAll(() => {
  runner.close();
  fixture.remove();
});

function grade(subject: string, quick = true): Promise<Verdict> {
  return gradeLab(runner, lab, { workbook, progress: NEW, subject, quick });
}

test('the starter fails at the check that names the mistake; what depends on it is skipped', async () => {
  const verdict = await grade('yours');
  expect(verdict).toMatchObject({
    status: 'failed',
    message: '1 of 2 checks failed, 1 could not be judged.',
  });
  expect(verdict.checks).toMatchObject([
    { name: 'adds two numbers', status: 'fail', expected: '5', actual: '-1', help: 'Look at the operator.' },
    { name: 'adds negative numbers', status: 'skipped' },
  ]);
});

test('the solution passes, and a subject graded just before changes nothing for the next', async () => {
  expect(await grade('solution')).toMatchObject({ status: 'passed', message: null });
  expect(await grade('before')).toMatchObject({ status: 'failed' });
  expect(await grade('solution')).toMatchObject({ status: 'passed' });
});

test('a lab graded before leaves nothing in the verdict of the next', async () => {
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const verdict = await gradeLab(runner, double, {
    workbook,
    progress: NEW,
    quick: true,
    subject: 'solution',
  });
  expect(verdict.checks.map((check) => check.name)).toEqual(['doubles a number']);
});

test('a deleted file is an error that says how to get it back', async () => {
  const path = fixture.write('days/day1-basics/1-add/add.ts', '');
  const text = readFileSync(join(lab.solutionDir, 'before.ts'), 'utf8');
  rmSync(path);
  expect(await grade('yours')).toMatchObject({
    status: 'error',
    message: 'add.ts is missing. This brings the starter back: npm run lab -- reset day1.1',
  });
  writeFileSync(path, text);
});

const DRAWS = `import { check, play } from '#lib/check';
import { defineScenario } from '#lib/provider';
import * as subject from '#days/day1-basics/2-double/double.ts';

const scenario = defineScenario({
  traffic: () => 4,
  play: (given: typeof subject, { traffic }) => given.double(traffic),
  chart: ({ outcome }) => 'doubled ' + '#'.repeat(outcome.value),
});
const run = play(scenario, subject);
check('runs', async () => {
  await run();
});
`;

test('what a scenario draws of a run comes with the verdict', async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', DRAWS);
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const verdict = await gradeLab(runner, double, {
    workbook,
    progress: NEW,
    quick: true,
    subject: 'solution',
  });
  expect(verdict).toMatchObject({ status: 'passed', charts: ['doubled ########'] });
});

const RECORDS = `import { check, play, record } from '#lib/check';
import { defineScenario } from '#lib/provider';
import * as subject from '#days/day1-basics/2-double/double.ts';

const reading = { unit: 'count', better: 'lower', value: 1, target: 2, limit: null };
const run = play(defineScenario({
  traffic: () => 4,
  play: (given: typeof subject, { traffic }) => given.double(traffic),
  readings: () => ({ doubled: { ...reading, interval: { low: 0.5, high: 1.5 } } }),
}), subject);
check('records', async () => {
  record('rows', [{ doubled: (await run()).value }]);
});
check('records nothing more', () => {});
`;

test('what a check records comes with the verdict, and so does the interval of a figure', async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', RECORDS);
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const verdict = await gradeLab(runner, double, {
    workbook,
    progress: NEW,
    quick: true,
    subject: 'solution',
  });
  expect(verdict).toMatchObject({ status: 'passed', data: { rows: [{ doubled: 8 }] } });
  expect(verdict.metrics).toMatchObject([{ name: 'doubled', interval: { low: 0.5, high: 1.5 } }]);
});

test('a lab without checks is an error, never a pass', async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', '// no checks\n');
  const [, double] = allLabs(workbook) as [Lab, Lab];
  expect(
    await gradeLab(runner, double, { workbook, progress: NEW, quick: true, subject: 'solution' }),
  ).toMatchObject({
    status: 'error',
    message: 'The lab has no checks, so nothing was graded.',
  });
});

test("a fault in the check file is the grader's, not the learner's", async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', "import './gone.ts';\n");
  const [, double] = allLabs(workbook) as [Lab, Lab];
  expect(
    await gradeLab(runner, double, { workbook, progress: NEW, quick: true, subject: 'solution' }),
  ).toMatchObject({
    status: 'error',
    message: expect.stringContaining("this is not your code's fault"),
  });
});

test('a type error is a note with file and line and fails nothing', async () => {
  const text = "export const add = async (a: number, b: number) => a + b;\nconst wrong: number = 'text';\n";
  fixture.write('tsconfig.json', JSON.stringify({ extends: resolve('tsconfig.json') }));
  const verdict = await grade(fixture.write('given/add.ts', text), false);
  expect(verdict.status).toBe('passed');
  expect(verdict.notes).toEqual([
    expect.stringMatching(/^Type error in given\/add\.ts:2: Type 'string' is not/),
  ]);
});

test('keys and proxies of the shell do not reach graded code', async () => {
  const env = { ...process.env, OPENAI_API_KEY: 'sk-secret', HTTPS_PROXY: 'http://proxy', NODE_OPTIONS: '' };
  const own = createRunner({ root: fixture.root, env });
  const path = fixture.write(
    'given/env.ts',
    'export const add = async () => { throw new Error(Object.keys(process.env).sort().join()); };\n',
  );
  const verdict = await gradeLab(own, lab, { workbook, progress: NEW, quick: true, subject: path });
  own.close();
  expect(verdict.checks[0]?.message).toMatch(/PATH/);
  expect(verdict.checks[0]?.message).not.toMatch(/OPENAI|PROXY|NODE_OPTIONS/i);
});

test('an export that is taken out of an object or a list is one', async () => {
  const parts = 'const parts = { deep: [(a: number, b: number) => a + b] };\n';
  const path = fixture.write(
    'given/add.ts',
    `${parts}export const { deep: [add = Math.max], ...rest } = parts;\n`,
  );
  expect(await grade(path)).toMatchObject({ status: 'passed' });
});

test('a missing export is an error that names it', async () => {
  const path = fixture.write('given/plus.ts', 'export const plus = 1;\n');
  expect(await grade(path)).toMatchObject({
    status: 'error',
    message: expect.stringContaining(
      'plus.ts does not export `add`, which the checks call. It exports `plus`.',
    ),
  });
});

const CHECK = 'days/day1-basics/1-add/check.test.ts';

test('a change of the checks while a file is graded is put back and kept aside, and there is no verdict', async () => {
  const text = readFileSync(lab.checkFile, 'utf8');
  // The folder for temporary files, which an answer may write to, holds this workbook.
  const path = fixture.write(
    'given/add.ts',
    `import fs from 'node:fs';\nexport const add = async (a: number, b: number) => { fs.writeFileSync('${lab.checkFile.replaceAll('\\', '/')}', '// none'); return a + b; };\n`,
  );
  const verdict = await grade(path);
  expect(verdict).toMatchObject({
    ...{ status: 'error', reason: 'tampered', checks: [] },
    message: `There is no verdict: add.ts changed the checks (${CHECK}, put back). What is judged may not touch what judges.`,
  });
  expect(readFileSync(lab.checkFile, 'utf8')).toBe(text);
  expect(readFileSync(join(fixture.root, '.workbook/backups/put-back', CHECK), 'utf8')).toBe('// none');
  expect(await grade('solution')).toMatchObject({ status: 'passed' });
});

test('a subject in a folder with an odd name is graded with what lies beside it, and is told by its own name', async () => {
  fixture.write('their#folder/50%/sum.ts', 'export const sum = (a: number, b: number) => a + b;\n');
  const right =
    "import { sum } from './sum.ts';\nexport const add = async (a: number, b: number) => sum(a, b);\n";
  expect(await grade(fixture.write('their#folder/50%/x.ts', right))).toMatchObject({ status: 'passed' });
  const throws = "export const add = async () => { throw new Error('lost'); };\n";
  const path = fixture.write('their#folder/50%/y.ts', throws);
  const { checks } = await grade(path);
  expect(checks[0]).toMatchObject({ status: 'fail', place: { file: path, line: 1 } });
});
