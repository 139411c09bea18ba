import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { moduleCacheDir } from '../../lib/grader/child/module-cache.ts';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'modules-')));
const fixture = makeWorkbook();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  fixture.remove();
});

/** Where compiled files go when these packages are installed. */
function dirFor(packages: string): string {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), packages);
  return moduleCacheDir(join(folder, 'cache'), folder);
}

test('each set of packages has a folder of its own, and the folder of the one before is removed', () => {
  const before = dirFor('{ "vite": 1 }');
  expect(dirFor('{ "vite": 1 }')).toBe(before);
  const after = dirFor('{ "vite": 2 }');
  expect(after).not.toBe(before);
  expect([before, after].map((dir) => existsSync(dir))).toEqual([false, true]);
});

test('four graders that start at once, just after the packages have changed, all come to a verdict', async () => {
  const cacheDir = join(fixture.root, 'cache');
  const stale = join(cacheDir, 'modules');
  mkdirSync(stale, { recursive: true });
  writeFileSync(join(stale, '_metadata.json'), '{ "lockfileHash": "of other packages" }');
  const workbook = readWorkbook(fixture.root);
  const [lab] = allLabs(workbook) as [Lab];
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  const verdicts = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const runner = createRunner({ root: fixture.root, env: process.env, cacheDir });
      const verdict = await gradeLab(runner, lab, { workbook, progress, subject: 'solution', quick: true });
      runner.close();
      return verdict.message ?? verdict.status;
    }),
  );
  expect(verdicts).toEqual(['passed', 'passed', 'passed', 'passed']);
  expect(existsSync(stale)).toBe(false);
}, 60_000);
