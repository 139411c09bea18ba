import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { type GradedWorkbook, gradeOthers } from '../../lib/grader/grade-others.ts';
import { timeLeft } from '../../lib/report/others-table.ts';
import { mergeResults, shard } from '../../lib/workbook/others-results.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const course = makeWorkbook();
const ADD = 'days/day1-basics/1-add/add.ts';
const ada = makeWorkbook({ [ADD]: 'export const add = async (a: number, b: number) => a + b;\n' });
// A check that passes everything is not taken from a workbook that is graded.
const eve = makeWorkbook({
  'days/day1-basics/1-add/check.test.ts': "import { test } from 'vitest'; test('x', () => {});\n",
});
// A folder for temporary files that no other test uses at the same time.
const temp = mkdtempSync(join(tmpdir(), 'others-'));
for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, temp);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temp, { recursive: true, force: true });
  for (const each of [course, ada, eve]) each.remove();
});

test("other people's workbooks are graded with this workbook's checks, and leave nothing behind", async () => {
  const workbook = readWorkbook(course.root);
  const rows: GradedWorkbook[] = [];
  await gradeOthers([ada.root, eve.root], {
    ...{ workbook, labs: allLabs(workbook).slice(0, 1), seed: 4711, env: process.env, cwd: course.root },
    isolation: 'permission',
    onRow: (row) => rows.push(row),
    onStop: () => {},
  });
  const statusOf = (root: string) =>
    rows.find((row) => row.dir === root)?.labs.map(({ verdict }) => verdict.status);
  expect(statusOf(ada.root)).toEqual(['passed']);
  expect(statusOf(eve.root)).toEqual(['failed']);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('workbook-grade-'))).toEqual([]);
}, 60_000);

test('what a run that was killed has left is cleared up by the next, and what one that still runs has is not', async () => {
  // Above the highest number that Linux gives out, so that no other process has it by chance.
  const gone = 2 ** 22 + 1;
  const [left, kept] = [gone, process.pid].map((pid) => join(temp, `workbook-grade-${pid}-abc`)) as [
    string,
    string,
  ];
  for (const folder of [left, kept]) mkdirSync(join(folder, 'temp'), { recursive: true });
  await gradeOthers([], {
    ...{ workbook: readWorkbook(course.root), labs: [], seed: 1, env: process.env, cwd: course.root },
    ...{ isolation: 'permission', onRow: () => {}, onStop: () => {} },
  });
  expect([left, kept].map((folder) => existsSync(folder))).toEqual([false, true]);
  rmSync(kept, { recursive: true });
});

test('the time that is left is told from the time that was taken', () => {
  expect(timeLeft(10, 20, 30_000)).toBe('about 30 s left');
  expect(timeLeft(100, 2000, 60_000)).toBe('about 19 min left');
});

test('jobs share the folders out, and their results are merged again', () => {
  const dirs = ['a', 'b', 'c', 'd', 'e'];
  const parts = [1, 2].map((index) => shard(dirs, index, 2));
  expect(parts).toEqual([
    ['a', 'c', 'e'],
    ['b', 'd'],
  ]);
  const results = parts.map((part) => ({
    version: 1 as const,
    seed: 7,
    rows: part.map((dir) => ({ dir, labs: [] })),
  }));
  expect(mergeResults(results)).toMatchObject({ seed: 7, rows: dirs.map((dir) => ({ dir })) });
});

test('results of different seeds are not merged', () => {
  const results = [7, 8].map((seed) => ({ version: 1 as const, seed, rows: [] }));
  expect(mergeResults(results)).toEqual({
    problem: 'The files were graded on different seeds (7, 8), so they do not compare.',
  });
});
