import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';

/**
 * All starters and solutions while every core computes something else: five to ten minutes, so only where it is asked
 * for, with `WORKBOOK_BUSY=1 npx vitest run --project long test/grader/busy.test.ts`.
 */
const ASKED = process.env.WORKBOOK_BUSY !== undefined;
const MOST_MS = 20 * 60_000;

const load: ChildProcess[] = [];
const workbook = readWorkbook(resolve('.'));
const runner = createRunner({ root: workbook.root, env: process.env });

beforeAll(() => {
  // It ends by itself, whatever becomes of this test.
  const compute = `const end = Date.now() + ${MOST_MS}; while (Date.now() < end);`;
  for (let i = 0; ASKED && i < availableParallelism(); i += 1)
    load.push(spawn(process.execPath, ['-e', compute], { stdio: 'ignore' }));
});
afterAll(() => {
  for (const each of load) each.kill('SIGKILL');
  runner.close();
});

test.skipIf(!ASKED).each(allLabs(workbook))(
  '$id: a busy machine changes no verdict',
  async (lab) => {
    const progress = { version: 1 as const, labs: {}, quizzes: {} };
    for (const [subject, status] of [
      ['before', 'failed'],
      ['solution', 'passed'],
    ] as const)
      expect(await gradeLab(runner, lab, { workbook, progress, subject, quick: true })).toMatchObject({
        status,
      });
  },
  MOST_MS,
);
