import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../lib/workbook/lock.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

let fixture: FixtureWorkbook;
let path: string;
beforeEach(() => {
  fixture = makeWorkbook();
  path = join(fixture.root, '.workbook', 'some.lock');
});
afterEach(() => fixture.remove());

const HOUR_S = 3600;

test.each([
  ['long ago', -HOUR_S],
  ['the future', HOUR_S],
])('a lock left over from %s is taken at once', (_, offset) => {
  const at = Date.now() / 1000 + offset;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'somebody');
  utimesSync(path, at, at);
  expect(withLock(path, 'The test', () => 'done')).toBe('done');
  expect(existsSync(path)).toBe(false);
});

test('a lock that an older edition left as a folder is taken', () => {
  mkdirSync(path, { recursive: true });
  utimesSync(path, 1, 1);
  expect(withLock(path, 'The test', () => 'done')).toBe('done');
});

test("a lock that became another process's meanwhile is left alone", () => {
  withLock(path, 'The test', () => writeFileSync(path, 'somebody else'));
  expect(readFileSync(path, 'utf8')).toBe('somebody else');
});

test('the lock is given back when the body throws', () => {
  const body = () => {
    throw new Error('no');
  };
  expect(() => withLock(path, 'The test', body)).toThrow('no');
  expect(existsSync(path)).toBe(false);
});
