import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type MistakeHeader, parseHeader, printHeader } from '../../lib/workbook/mistake-header.ts';
import { materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import { applyStrictly, makePatch } from '../../lib/workbook/patch.ts';
import type { Lab } from '../../lib/workbook/workbook.ts';

const SOLUTION = 'const a = 1;\nconst b = 2;\nconst c = 3;\n';
const HEADER: MistakeHeader = { belief: 'Two is three.', effect: 'It is not.', rejectedBy: 'adds up' };
const folder = mkdtempSync(join(tmpdir(), 'mistakes-'));
const lab = {
  id: 'day1.1',
  key: 'day1-a/1-b',
  solutionDir: join(folder, 's'),
  files: ['b.ts'],
} as unknown as Lab;
mkdirSync(join(lab.solutionDir, 'mistakes'), { recursive: true });
writeFileSync(join(lab.solutionDir, 'b.ts'), SOLUTION);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keep(name: string, text: string): void {
  for (const file of ['one.patch', 'one.ts'])
    rmSync(join(lab.solutionDir, 'mistakes', file), { force: true });
  writeFileSync(join(lab.solutionDir, 'mistakes', name), text);
}

test('a header comes back as it was written, however long its lines', () => {
  const long = { ...HEADER, effect: 'word '.repeat(60).trim(), base: 'before.ts' };
  expect(
    printHeader(long)
      .split('\n')
      .every((line) => line.length <= 100),
  ).toBe(true);
  expect(parseHeader(printHeader(long))).toEqual({ ok: true, header: long });
});

test.each([
  ['Belief: a\nEffect: b\n', 'it has no "Rejected by:" line'],
  ['Belief: a\nEfect: b\n', 'line 2 is "Efect: b"'],
  ['words\n', 'line 1 is "words"'],
])('the header %j is refused, and what is wrong is said', (text, problem) => {
  expect(parseHeader(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
});

test('a patch gives back the whole answer', () => {
  const after = SOLUTION.replace('b = 2', 'b = 3');
  expect(applyStrictly(makePatch('b.ts', SOLUTION, after), SOLUTION)).toEqual({ ok: true, text: after });
});

test('a patch whose lines stand elsewhere, or are others, is refused at the line that does not fit', () => {
  const diff = makePatch('b.ts', SOLUTION, SOLUTION.replace('b = 2', 'b = 3'));
  expect(applyStrictly(diff, `// moved\n${SOLUTION}`, 5)).toEqual({
    ok: false,
    problem: 'line 8 expects "const a = 1;", but line 1 is "// moved"',
  });
  expect(applyStrictly(diff, 'const a = 1;', 5)).toEqual({
    ok: false,
    problem: 'line 9 expects "const b = 2;", but the file ends at line 1',
  });
  expect(applyStrictly('--- a\n+++ a\n', SOLUTION)).toMatchObject({ ok: false });
  expect(applyStrictly('--- a\n+++ a\n@@ -1,2 +1,2 @@\n const a = 1;\n', SOLUTION)).toMatchObject({
    ok: false,
  });
});

test('a mistake is read with its words and its whole text, and becomes a file that can be imported', () => {
  const after = SOLUTION.replace('b = 2', 'b = 3');
  keep('one.patch', `${printHeader(HEADER)}\n${makePatch('b.ts', SOLUTION, after)}`);
  const [mistake] = readMistakes(lab);
  expect(mistake).toMatchObject({ ...HEADER, name: 'one', text: after });
  if (mistake) expect(readFileSync(materialise(folder, lab, mistake), 'utf8')).toBe(after);
});

test('a mistake that is kept whole has its words in its first comment, and is imported where it lies', () => {
  const text = '/*\n * Belief: a\n * Effect: b\n * Rejected by: c\n * Whole: d\n */\n\nexport {};\n';
  keep('one.ts', text);
  const [mistake] = readMistakes(lab);
  expect(mistake).toMatchObject({ belief: 'a', effect: 'b', rejectedBy: 'c', whole: 'd', text });
  if (mistake) expect(materialise(folder, lab, mistake)).toBe(mistake.file);
});

test('a mistake that does not apply says which file, which line, and what to do', () => {
  keep('one.patch', `${printHeader(HEADER)}\n${makePatch('b.ts', SOLUTION, 'const d = 4;\n')}`);
  writeFileSync(join(lab.solutionDir, 'b.ts'), SOLUTION.replace('c = 3', 'c = 4'));
  expect(() => readMistakes(lab)).toThrow(
    /s\/mistakes\/one.patch does not apply to .*s\/b.ts: line 10 expects "const c = 3;", but line 3 is "const c = 4;".*npm run mistake -- rebase day1.1/,
  );
  writeFileSync(join(lab.solutionDir, 'b.ts'), SOLUTION);
});
