import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyCourse, decideFate, readStarters, reconcile } from '../../lib/workbook/update.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const NEW_STARTER =
  'export async function add(a: number, b: number): Promise<number> {\n  return a * b; // TODO\n}\n';

let mine: FixtureWorkbook;
let newer: FixtureWorkbook;
beforeEach(() => {
  mine = makeWorkbook();
  newer = makeWorkbook({
    [ADD]: NEW_STARTER,
    'solutions/day1-basics/1-add/before.ts': NEW_STARTER,
    'days/day1-basics/README.md': '# Basics, second edition\n',
  });
});
afterEach(() => {
  mine.remove();
  newer.remove();
});

function update() {
  const began = readStarters(mine.root);
  copyCourse(newer.root, mine.root, join(mine.root, '.workbook', 'backups', 'update'));
  return reconcile(mine.root, began);
}

function read(path: string): string {
  return readFileSync(join(mine.root, path), 'utf8');
}

test('an untouched starter is replaced by the new one', () => {
  expect(update()).toEqual([{ file: ADD, fate: 'replaced' }]);
  expect(read(ADD)).toBe(NEW_STARTER);
  expect(read('days/day1-basics/README.md')).toBe('# Basics, second edition\n');
  expect(update()).toEqual([]);
});

test('a touched file stays as it is and the new starter is put beside it, once', () => {
  mine.write(ADD, '// my work\n');
  const beside = 'days/day1-basics/1-add/add.new.ts';
  expect(update()).toEqual([{ file: ADD, fate: 'kept', beside }]);
  expect(read(ADD)).toBe('// my work\n');
  expect(read(beside)).toBe(NEW_STARTER);
  expect(update()).toEqual([]);
});

test('a course file that the update replaces is kept in the backups', () => {
  mine.write('days/day1-basics/1-add/hints.md', 'my notes\n');
  update();
  expect(read('.workbook/backups/update/days/day1-basics/1-add/hints.md')).toBe('my notes\n');
});

test('a new lab brings its starter', () => {
  newer.write('days/day1-basics/3-third/third.ts', 'export const third = 3;\n');
  newer.write('days/day1-basics/3-third/README.md', '# Third\n');
  newer.write('solutions/day1-basics/3-third/before.ts', 'export const third = 3;\n');
  newer.write('solutions/day1-basics/3-third/third.ts', 'export const third = 33;\n');
  expect(update()).toContainEqual({ file: 'days/day1-basics/3-third/third.ts', fate: 'added' });
  expect(existsSync(join(mine.root, 'days/day1-basics/3-third/third.ts'))).toBe(true);
});

test.each([
  ['began', 'arrived', 'began', 'replaced'],
  ['began', 'arrived', 'mine', 'kept'],
  ['began', 'began', 'mine', 'same'],
  ['began', 'arrived', 'arrived', 'same'],
  ['began', 'arrived', undefined, 'added'],
] as const)('began %s, arrived %s, there is %s: %s', (began, arrived, present, fate) => {
  expect(decideFate(began, arrived, present)).toBe(fate);
});
