import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseReflection, QUESTIONS, readReflection } from '../../lib/workbook/week-reflection.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'reflection-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the questions are put into a file once; what is written there stays and is read', () => {
  const asked = readReflection(root);
  expect(asked).toEqual(QUESTIONS.map((question) => ({ question, answer: '' })));
  const path = join(root, '.workbook', 'reflection.md');
  const written = readFileSync(path, 'utf8').replace(
    `## ${QUESTIONS[1]}\n`,
    `## ${QUESTIONS[1]}\n\nThe greeting.\n\nTwice.\n`,
  );
  writeFileSync(path, written);
  expect(readReflection(root)[1]).toEqual({ question: QUESTIONS[1], answer: 'The greeting.\n\nTwice.' });
  expect(readFileSync(path, 'utf8')).toBe(written);
});

test('a file emptied by hand asks everything again, and a question added by hand is kept', () => {
  expect(parseReflection('')).toHaveLength(QUESTIONS.length);
  expect(parseReflection('## My own question\r\n\r\nMy answer\r\n')).toEqual([
    { question: 'My own question', answer: 'My answer' },
    ...QUESTIONS.map((question) => ({ question, answer: '' })),
  ]);
});
