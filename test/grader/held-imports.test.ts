import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createVirtualClock } from '../../lib/clock/index.ts';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

/** Loads what it needs when it is called, while a timer waits that must not fire meanwhile. */
const LAZY = `export async function add(a: number, b: number): Promise<number> {
  const late = setTimeout(() => {}, 60_000);
  const { gunzipSync, gzipSync } = await import('node:zlib');
  const { plus } = await import('./plus.ts');
  clearTimeout(late);
  return plus(Number(gunzipSync(gzipSync(String(a)))), b);
}
`;
const PLUS = 'export const plus = (a: number, b: number): number => a + b;\n';
const CHECK = `import { check, hold, trial } from '#lib/check';
import { createVirtualClock } from '#lib/clock';
import { add } from '#days/day1-basics/1-add/add.ts';

const adds = trial(async () => {
  const clock = createVirtualClock();
  const sum = await clock.run(() => add(2, 3));
  return { sum, ms: clock.now() };
});

check('takes no time', async () => {
  const { sum, ms } = await adds();
  hold(sum === 5 && ms === 0, { happened: \`it took \${ms} ms\`, expected: '0 ms' });
});
`;

const fixture = makeWorkbook({ 'days/day1-basics/1-add/check.test.ts': CHECK });
mkdirSync('.workbook', { recursive: true });
const folder = mkdtempSync(resolve('.workbook', 'held-test-'));
afterAll(() => {
  fixture.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('the grader: a file or package that is loaded inside the measured function takes no virtual time', async () => {
  const subject = fixture.write('lazy/add.ts', LAZY);
  fixture.write('lazy/plus.ts', PLUS);
  const workbook = readWorkbook(fixture.root);
  const [lab] = allLabs(workbook) as [Lab];
  const runner = createRunner({ root: fixture.root, env: process.env });
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  const verdict = await gradeLab(runner, lab, { workbook, progress, subject, quick: true });
  runner.close();
  expect(verdict.checks).toMatchObject([{ message: null, status: 'pass' }]);
}, 60_000);

test("the course's own proof: the same", async () => {
  writeFileSync(join(folder, 'add.ts'), LAZY);
  writeFileSync(join(folder, 'plus.ts'), PLUS);
  const { add } = await import(/* @vite-ignore */ join(folder, 'add.ts'));
  const clock = createVirtualClock();
  expect(await clock.run(() => add(2, 3))).toBe(5);
  expect(clock.now()).toBe(0);
});
