import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { statusWord } from '../../lib/report/list-screen.ts';
import { readProgress, updateProgress } from '../../lib/workbook/progress.ts';
import { isAttempted } from '../../lib/workbook/starter.ts';
import { makeCurrent, nextLab, recordGrade, standing } from '../../lib/workbook/status.ts';
import { unstored } from '../../lib/workbook/storage.ts';
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
  expect(standing(lab(0), passed)).toMatchObject({ status: 'passed', editedSince: false });
  fixture.write('days/day1-basics/1-add/add.ts', 'export const changed = 1;\n');
  const { progress } = readProgress(fixture.root);
  expect(standing(lab(0), progress)).toMatchObject({ status: 'passed', editedSince: true });
});

test('a lab that passed and fails now says both, and has passed again once that version is back', () => {
  updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), true));
  const passing = readFileSync(join(lab(0).dir, 'add.ts'), 'utf8');
  fixture.write('days/day1-basics/1-add/add.ts', 'export const changed = 1;\n');
  const failed = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), false));
  expect(standing(lab(0), failed)).toEqual({
    status: 'failing',
    editedSince: false,
    passedBefore: true,
    earlierEdition: false,
  });
  expect(statusWord(standing(lab(0), failed))).toBe('passed before, failing now');
  fixture.write('days/day1-basics/1-add/add.ts', passing);
  expect(standing(lab(0), failed)).toEqual({
    status: 'passed',
    editedSince: false,
    passedBefore: false,
    earlierEdition: false,
  });
});

test('the very file that passed fails later, on another seed or other checks: it is failing', () => {
  updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), true));
  const failed = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), false));
  expect(standing(lab(0), failed)).toEqual({
    status: 'failing',
    editedSince: false,
    passedBefore: true,
    earlierEdition: false,
  });
});

test('what passed the first edition has passed, also when this one asks more of the same file', () => {
  const old = updateProgress(fixture.root, (progress) => {
    recordGrade(progress, lab(0), true);
    delete progress.labs[lab(0).key]?.passedEdition; // The first edition did not write it.
  });
  expect(statusWord(standing(lab(0), old))).toBe('passed in an earlier edition');
  const again = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), false));
  expect(standing(lab(0), again)).toMatchObject({ status: 'passed', earlierEdition: true });
  fixture.write('days/day1-basics/1-add/add.ts', 'export const changed = 1;\n');
  const edited = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), false));
  expect(standing(lab(0), edited)).toMatchObject({ status: 'failing', passedBefore: true });
  const passed = updateProgress(fixture.root, (progress) => recordGrade(progress, lab(0), true));
  expect(statusWord(standing(lab(0), passed))).toBe('passed');
});

test('the next lab is the first open one after the current', () => {
  const workbook = readWorkbook(fixture.root);
  expect(nextLab(workbook, readProgress(fixture.root).progress)?.id).toBe('day1.1');
  const progress = updateProgress(fixture.root, (each) => recordGrade(each, lab(0), true));
  expect(nextLab(workbook, progress)?.id).toBe('day1.2');
});

test('a lab that was opened is where the course goes on', () => {
  makeCurrent(fixture.root, lab(1));
  expect(nextLab(readWorkbook(fixture.root), readProgress(fixture.root).progress)?.id).toBe('day1.2');
});

test.each([
  ['is cut short', '{ "version": 1, "labs": {'],
  ['is from a later version', '{ "version": 2, "labs": {} }'],
  ['has a list where the labs belong', '{ "version": 1, "labs": [] }'],
  ['is no object', '[]'],
])('a file that %s is kept aside and the course starts anew', (_, text) => {
  mkdirSync(join(fixture.root, '.workbook'));
  writeFileSync(join(fixture.root, '.workbook', 'progress.json'), text);
  const { progress, notice } = readProgress(fixture.root);
  expect(progress.labs).toEqual({});
  expect(notice).toContain('was kept as .workbook/progress.unreadable-');
  const [kept = ''] = readdirSync(join(fixture.root, '.workbook'));
  expect(readFileSync(join(fixture.root, '.workbook', kept), 'utf8')).toBe(text);
});

test('of a file that is damaged in part, the rest counts, and the whole of it is kept aside', () => {
  const damaged = {
    ...{ version: 1, current: 7, quizzes: { day1: 'good' } },
    labs: { 'day1-basics/1-add': { status: 'passed' }, x: 'x', y: { hints: 'two' }, z: null },
  };
  const path = fixture.write('.workbook/progress.json', JSON.stringify(damaged));
  const { progress, notice } = readProgress(fixture.root);
  expect(progress).toEqual({ version: 1, labs: { 'day1-basics/1-add': { status: 'passed' } }, quizzes: {} });
  expect(notice).toMatch(
    /^The progress file is damaged at x, y, z, quizzes.day1; the rest counts\. It was kept as /,
  );
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(progress);
  expect(readProgress(fixture.root)).toEqual({ progress });
});

test('a folder in the place of the progress file is kept aside', () => {
  mkdirSync(join(fixture.root, '.workbook', 'progress.json', 'inner'), { recursive: true });
  expect(readProgress(fixture.root).notice).toContain('was kept as .workbook/progress.unreadable-');
  expect(readProgress(fixture.root)).toEqual({ progress: { version: 1, labs: {}, quizzes: {} } });
});

test('where nothing can be stored, a change holds for this process and is said once to be lost', () => {
  fixture.write('.workbook', 'a file in the way');
  const progress = updateProgress(fixture.root, (each) => recordGrade(each, lab(0), true));
  expect(standing(lab(0), progress).status).toBe('passed');
  expect(unstored()).toEqual([expect.stringContaining('a file is where a folder should be')]);
  expect(unstored()).toEqual([]);
});

test("a folder in the place of the lab's file is no version of it", () => {
  rmSync(join(lab(0).dir, 'add.ts'));
  mkdirSync(join(lab(0).dir, 'add.ts'));
  const progress = updateProgress(fixture.root, (each) => recordGrade(each, lab(0), false));
  expect(standing(lab(0), progress).status).toBe('failing');
  expect(isAttempted(lab(0))).toBe(true);
});
