import { afterAll, expect, test } from 'vitest';
import { findDay, findLab, findLabs } from '../../lib/workbook/find.ts';
import { readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
const workbook = readWorkbook(fixture.root);
afterAll(() => fixture.remove());

function found(...words: string[]): string[] | string {
  const answer = findLabs(workbook, words);
  return answer.ok ? answer.found.map((lab) => lab.id) : answer.problem;
}

test('a lab is found by id, by slug, by a unique part of its slug, and by its path', () => {
  expect(found('day1.2')).toEqual(['day1.2']);
  expect(found('2-double')).toEqual(['day1.2']);
  expect(found('doub')).toEqual(['day1.2']);
  expect(found('days/day1-basics/2-double/double.ts')).toEqual(['day1.2']);
});

test('the word "day" may be left out', () => {
  expect(found('1.2')).toEqual(['day1.2']);
  expect(found('1')).toEqual(['day1.1', 'day1.2']);
  expect(findDay(workbook, '1')).toMatchObject({ ok: true, found: { id: 'day1' } });
  expect(found('1.9')).toBe('There is no lab "1.9". day1 has day1.1, day1.2.');
});

test('a day stands for its labs, and no lab is found twice', () => {
  expect(found('day1')).toEqual(['day1.1', 'day1.2']);
  expect(found('basics', 'day1.1')).toEqual(['day1.1', 'day1.2']);
});

test('an unknown or ambiguous word is answered with what there is', () => {
  expect(found('day7')).toBe(
    'There is no day or lab "day7". The days are day1; `npm run lab -- list` shows the labs.',
  );
  expect(found('day1.9')).toBe('There is no lab "day1.9". day1 has day1.1, day1.2.');
});

test('where one lab is asked for, a day is answered with an example', () => {
  expect(findLab(workbook, 'day1')).toEqual({
    ok: false,
    problem: '"day1" is a whole day: name one lab, for example day1.1.',
  });
});

test('title, lane and minutes are read from the README', () => {
  const answer = findLab(workbook, 'day1.1');
  expect(answer.ok && answer.found).toMatchObject({
    title: 'Add two numbers',
    lane: 'fast',
    minutes: 10,
    files: ['add.ts'],
    key: 'day1-basics/1-add',
  });
});
