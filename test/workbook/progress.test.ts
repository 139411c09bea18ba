import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProgress, updateProgress } from '../../lib/workbook/progress.ts';
import { nextLab, recordGrade, standing } from '../../lib/workbook/status.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

let fixture: FixtureWorkbook;
let labs: Lab[];
beforeEach(() => {
  fixture = makeWorkbook();
  labs = allLabs(readWorkbook(fixture.root));
});
afterEach(() => fixture.remove());

function lab(at: number): Lab {
  return labs[at] as Lab;
}

test('a passed lab stays passed and is called edited since once its file changes', () => {
  const passed = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), true));
  expect(standing(lab(0), passed)).toEqual({ status: 'passed', editedSince: false });
  fixture.write('days/day1-basics/1-add/add.ts', 'export const changed = 1;\n');
  const { progress } = readProgress(fixture.root);
  expect(standing(lab(0), progress)).toEqual({ status: 'passed', editedSince: true });
});

test('the next lab is the first open one after the current', () => {
  const workbook = readWorkbook(fixture.root);
  expect(nextLab(workbook, readProgress(fixture.root).progress)?.id).toBe('day1.1');
  const progress = updateProgress(fixture.root, (each) => recordGrade(each, lab(0), true));
  expect(nextLab(workbook, progress)?.id).toBe('day1.2');
});

test.each([
  ['is cut short', '{ "version": 1, "labs": {'],
  ['is from a later version', '{ "version": 2, "labs": {} }'],
])('a file that %s is kept aside and the course starts anew', (_, text) => {
  mkdirSync(join(fixture.root, '.workbook'));
  writeFileSync(join(fixture.root, '.workbook', 'progress.json'), text);
  const { progress, notice } = readProgress(fixture.root);
  expect(progress.labs).toEqual({});
  expect(notice).toContain('was kept as .workbook/progress.unreadable-');
  const [kept = ''] = readdirSync(join(fixture.root, '.workbook'));
  expect(readFileSync(join(fixture.root, '.workbook', kept), 'utf8')).toBe(text);
});
