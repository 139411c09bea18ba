import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readProgress } from '../../lib/workbook/progress.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { type Ended, program as runProgram } from './program.ts';

const fixture = makeWorkbook();
afterAll(() => fixture.remove());

function program(words: string[], nodeFlags: string[] = []): Promise<Ended> {
  return runProgram(fixture.root, words, { nodeFlags });
}

test('a Node that is too old gets one clear sentence', async () => {
  const fake = fixture.write(
    'old-node.cjs',
    "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });\n",
  );
  expect(await program(['lab'], ['--require', fake])).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^This workbook needs Node 20\.19 or newer; this is Node 18\.20\.4\. [^\n]+\n$/,
    ),
  });
});

test('without a terminal the menu prints the commands to type, and ends', async () => {
  const { code, out } = await program(['lab']);
  expect(code).toBe(0);
  expect(out).toContain('The menu needs a terminal, and this is not one. The commands to type instead:');
  expect(out).toContain('npm run lab -- check day1.1');
});

test.each(['watch', 'quiz day1'])('without a terminal `%s` says so and ends with 2', async (words) => {
  const { code, err } = await program(['lab', ...words.split(' ')]);
  expect(code).toBe(2);
  expect(err).toContain('needs a terminal, and this is not one');
});

test('check --json prints one document on stdout and nothing else; the exit code tells the verdict', async () => {
  const { code, out, err } = await program(['lab', 'check', 'day1', '--json']);
  expect(code).toBe(1);
  expect(err).toBe('');
  const { labs, ...rest } = JSON.parse(out);
  expect(rest).toEqual({ version: 1, workbookVersion: expect.any(String), node: process.versions.node });
  expect(labs[0]).toEqual({
    id: 'day1.1',
    subject: 'yours',
    status: 'failed',
    message: '1 of 2 checks failed, 1 could not be judged. Again: npm run lab -- check day1.1 --seed 1',
    checks: expect.any(Array),
    metrics: [],
    seed: 1,
    virtualMs: 0,
    wallMs: expect.any(Number),
    notes: [],
  });
  expect(labs[0].checks[0]).toEqual({
    name: 'adds two numbers',
    status: 'fail',
    message: '2 and 3 gave -1.',
    expected: '5',
    actual: '-1',
    help: 'Look at the operator.',
  });
}, 60_000);

test('results go to files for JUnit, CTRF and GitHub Classroom, beside what is shown', async () => {
  const files = ['junit.xml', 'ctrf.json', 'outputs'].map((name) => join(fixture.root, name));
  const [junit = '', ctrf = '', classroom = ''] = files;
  const words = ['lab', 'check', '1.1', '--junit', junit, '--ctrf', ctrf, '--classroom', classroom];
  const { code, out } = await program(words);
  expect(code).toBe(1);
  expect(out).toContain('2 and 3 gave -1.');
  const [xml = '', json = '', outputs = ''] = files.map((file) => readFileSync(file, 'utf8'));
  expect(xml).toContain('<testsuite name="day1.1" tests="2" failures="1" errors="0" skipped="1"');
  expect(JSON.parse(json).results.summary).toMatchObject({ tests: 2, failed: 1, skipped: 1 });
  const [, payload = ''] = /^result=(\S+)\n$/.exec(outputs) ?? [];
  expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
    status: 'fail',
    max_score: 2,
  });
}, 60_000);

test('npm test with a lab grades it, shows the verdict and ends with 1 until it passes', async () => {
  const before = await program(['test', 'day1.1']);
  expect(before.code).toBe(1);
  expect(before.out).toContain('2 and 3 gave -1.');
  expect((await program(['lab', 'solution', 'day1.1', '--apply'])).out).toContain(
    'To put it back: npm run lab -- reset',
  );
  expect((await program(['test', 'day1.1'])).code).toBe(0);
}, 60_000);

test('two processes that grade at once both leave their mark on the progress', async () => {
  const both = [
    program(['lab', 'check', 'day1.1']),
    program(['lab', 'check', 'day1.2']),
    program(['lab', 'hint', 'day1.2']),
  ];
  await Promise.all(both);
  const { labs } = readProgress(fixture.root).progress;
  expect(labs['day1-basics/1-add']?.status).toBe('passed');
  expect(labs['day1-basics/2-double']).toMatchObject({ status: 'failing', hints: 1 });
}, 60_000);

test('a progress file that cannot be read is said to be kept aside, and the command goes on', async () => {
  mkdirSync(join(fixture.root, '.workbook'), { recursive: true });
  writeFileSync(join(fixture.root, '.workbook', 'progress.json'), 'not JSON');
  const { code, out, err } = await program(['lab', 'list']);
  expect(code).toBe(0);
  expect(err).toMatch(
    /could not be read; progress starts from the beginning\. It was kept as \.workbook\/progress\.unreadable-/,
  );
  expect(out).toContain('0 of 2 passed');
});
