import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const course = makeWorkbook();
const ada = makeWorkbook({
  'days/day1-basics/1-add/add.ts': 'export const add = async (a: number, b: number) => a + b;\n',
});
const bob = makeWorkbook();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'grade-')));
afterAll(() => {
  for (const each of [course, ada, bob]) each.remove();
  rmSync(folder, { recursive: true, force: true });
});

const grade = (...words: string[]) => program(course.root, ['lab', 'grade', ...words], { cwd: folder });

test('results go to a file, and a second start goes on where the first ended, on its seed', async () => {
  const first = await grade(ada.root, '--labs', 'day1.1', '--out', 'all.json');
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/^Seed \d{4,}\. Isolation: /);
  expect(first.out).toContain(`${ada.root}  1 of 1 passed`);

  const second = await grade(ada.root, bob.root, '--labs', 'day1.1', '--out', 'all.json');
  expect(second.out).not.toContain(`${ada.root}  `);
  expect(second.out).toContain(`${bob.root}  0 of 1 passed  failed: day1.1`);
  expect(second.out).toContain('1 were graded before; they are in all.json.');
  const { seed, rows } = JSON.parse(readFileSync(join(folder, 'all.json'), 'utf8'));
  expect(first.out).toContain(`Seed ${seed}.`);
  expect(rows.map((row: { dir: string }) => row.dir)).toEqual([ada.root, bob.root]);
}, 60_000);

test('jobs grade a share each, and their files are merged to one table', async () => {
  for (const part of ['1', '2']) {
    const words = ['--labs', 'day1.1', '--seed', '7', '--shard', `${part}/2`, '--out', `part-${part}.json`];
    expect((await grade(ada.root, bob.root, ...words)).code).toBe(0);
  }
  const { code, out } = await grade('part-1.json', 'part-2.json', '--merge', '--out', 'merged.json');
  expect(code).toBe(0);
  expect(out).toContain('1 of 1 passed');
  expect(out).toContain('0 of 1 passed  failed: day1.1');
  expect(JSON.parse(readFileSync(join(folder, 'merged.json'), 'utf8'))).toMatchObject({
    seed: 7,
    rows: expect.objectContaining({ length: 2 }),
  });
}, 60_000);

test('a folder that is no workbook, a shard that is none and a missing file are said, and nothing is graded', async () => {
  expect(await grade(folder)).toMatchObject({ code: 2, err: expect.stringContaining('is no workbook') });
  expect(await grade(ada.root, '--shard', '3/2')).toMatchObject({
    code: 2,
    err: '--shard is given as 2/4, the second of four; "3/2" is not.\n',
  });
  expect(await grade('gone.json', '--merge')).toMatchObject({
    code: 2,
    err: 'There is no file gone.json.\n',
  });
}, 60_000);
