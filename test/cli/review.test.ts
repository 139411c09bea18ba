import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { ended, program } from './program.ts';

const LAB = 'day1-basics/1-add';
const PATCH = `Belief: One more is safer.
Effect: Every sum is one too large.
Rejected by: adds two numbers

--- add.ts
+++ add.ts
@@ -1,3 +1,3 @@
 export async function add(a: number, b: number): Promise<number> {
-  return a + b;
+  return a + b + 1;
 }
`;
const fixture = makeWorkbook({ [`solutions/${LAB}/mistakes/one-more.patch`]: PATCH });
afterAll(() => fixture.remove());

/** Reviews day 1, giving the answers as lines on stdin. */
function review(answers: string) {
  const child = spawn(process.execPath, [resolve('lib/cli/start.cjs'), 'lab', 'review', 'day1', '--json'], {
    env: { ...process.env, WORKBOOK_ROOT: fixture.root },
  });
  child.stdin.end(answers);
  return ended(child);
}

const events = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('mistakes and reviews open after an attempt', async () => {
  expect(await program(fixture.root, ['lab', 'mistakes', 'day1.1'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('The mistakes of day1.1 open after an attempt'),
  });
  expect(await review('1\n')).toMatchObject({ code: 2, err: expect.stringContaining('Begin with day1.1.') });
});

test('the mistakes of a lab are shown as diffs with their words, or as one JSON document', async () => {
  fixture.write(`days/${LAB}/add.ts`, 'export const add = async (a: number, b: number) => a + b;\n');
  const shown = await program(fixture.root, ['lab', 'mistakes', 'day1.1']);
  expect(shown.out).toMatch(
    /one more is safer[\s\S]*\+ {2}return a \+ b \+ 1;[\s\S]*one too large[\s\S]*adds two/i,
  );
  const json = await program(fixture.root, ['lab', 'mistakes', 'day1.1', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({
    ...{ version: 1, lab: 'day1.1' },
    mistakes: [{ name: 'one-more', base: 'solution', rejectedBy: 'adds two numbers', text: null }],
  });
});

test('a round by lines of JSON asks, grades for real, keeps the score and what comes back when', async () => {
  const { code, out } = await review('9\n1\n1\n');
  expect(code).toBe(0);
  const changes = events(out).filter(({ event }) => event === 'change');
  const verdicts = events(out).filter(({ event }) => event === 'verdict');
  expect(changes[0]).toMatchObject({ version: 1, at: 1, lab: 'day1.1' });
  const mine = verdicts.find(({ mistake }) => mistake !== null);
  expect(mine).toMatchObject({
    right: true,
    breaks: { name: 'adds two numbers' },
    mistake: { name: 'one-more' },
  });
  expect(events(out).at(-1)).toMatchObject({ event: 'score', of: changes.length });
  const progress = JSON.parse(readFileSync(join(fixture.root, '.workbook/progress.json'), 'utf8'));
  expect(progress.reviews).toMatchObject({ 'day1-basics': { of: changes.length } });
  expect(Object.keys(progress.cards)).toContain(`${LAB}/one-more`);
});

test('a round whose answers end early keeps no score', async () => {
  const { code, err } = await review('');
  expect(code).toBe(0);
  expect(err).toContain('The review was left');
});
