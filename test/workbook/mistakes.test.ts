import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type MistakeHeader, parseHeader, printHeader } from '../../lib/workbook/mistake-header.ts';
import { materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import { omissionsOf } from '../../lib/workbook/omissions.ts';
import { applyStrictly, makePatch } from '../../lib/workbook/patch.ts';
import type { Lab } from '../../lib/workbook/workbook.ts';

const SOLUTION = 'const a = 1;\nconst b = 2;\nconst c = 3;\n';
const HEADER: MistakeHeader = { belief: 'Two is three.', effect: 'It is not.', rejectedBy: 'adds up' };
const folder = mkdtempSync(join(tmpdir(), 'mistakes-'));
const lab = {
  id: 'day1.1',
  key: 'day1-a/1-b',
  dir: join(folder, 'd'),
  solutionDir: join(folder, 's'),
  files: ['b.ts'],
} as unknown as Lab;
mkdirSync(lab.solutionDir);
writeFileSync(join(lab.solutionDir, 'b.ts'), SOLUTION);
beforeEach(() => {
  rmSync(join(lab.solutionDir, 'mistakes'), { recursive: true, force: true });
  mkdirSync(join(lab.solutionDir, 'mistakes'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keep(name: string, text: string): void {
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
  ['Belief: a\nBelief: b\n', 'line 2 says "Belief:" a second time'],
])('the header %j is refused, and what is wrong is said', (text, problem) => {
  expect(parseHeader(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
});

test('a patch gives back the whole answer', () => {
  const after = SOLUTION.replace('b = 2', 'b = 3');
  expect(applyStrictly(makePatch('b.ts', SOLUTION, after), SOLUTION, 'b.ts')).toEqual({
    ok: true,
    text: after,
  });
});

test('a patch whose lines stand elsewhere, or are others, is refused at the line that does not fit', () => {
  const diff = makePatch('b.ts', SOLUTION, SOLUTION.replace('b = 2', 'b = 3'));
  expect(applyStrictly(diff, `// moved\n${SOLUTION}`, 'b.ts', 5)).toEqual({
    ok: false,
    stale: true,
    problem: 'line 8 expects "const a = 1;", but line 1 is "// moved"',
  });
  expect(applyStrictly(diff, 'const a = 1;\n', 'b.ts', 5)).toMatchObject({
    problem: 'line 9 expects "const b = 2;", but the file ends at line 1',
  });
});

const HEAD = '--- b.ts\n+++ b.ts\n';
const HUNK = '@@ -1,3 +1,3 @@\n const a = 1;\n-const b = 2;\n+const b = 3;\n const c = 3;\n';

test.each([
  ['', 'line 5 should be "--- b.ts", and the patch ends'],
  ['--- b.ts\n', 'line 6 should be "+++ b.ts", and the patch ends'],
  [HEAD, 'line 7 should be "@@ -1,3 +1,3 @@", and the patch ends'],
  [`--- other.ts\n+++ other.ts\n${HUNK}`, 'line 5 should be "--- b.ts", and there is "--- other.ts"'],
  [HEAD + HUNK + HUNK, 'line 7 should be "@@ -1,3 +1,5 @@", and there is "@@ -1,3 +1,3 @@"'],
  [HEAD + HUNK.replace('+1,3', '+99,3'), 'line 7 should be "@@ -1,3 +1,3 @@", and there is'],
  [HEAD + HUNK.replace('-1,3', '-1,2'), 'line 7 is wrong (Removed line count did not match'],
  [`${HEAD}@@ -9,0 +4,1 @@\n+x\n`, 'line 7 should be "@@ '],
  [`${HEAD + HUNK}garbage\n`, 'line 12 should not be there, and there is "garbage"'],
  [`${HEAD + HUNK}--- c.ts\n+++ c.ts\n`, 'line 12 expects "-- c.ts", but the file ends'],
  [`${HEAD}@@ -1,1 +1,1 @@\n const a = 1;\n`, 'line 7 should not be there'],
  [`${HEAD + HUNK}\\ No newline at end of file\n`, 'line 12 should not be there'],
])('the diff %j is refused at the line of its file that is wrong', (diff, problem) => {
  expect(applyStrictly(diff, SOLUTION, 'b.ts', 5)).toMatchObject({
    ok: false,
    problem: expect.stringContaining(problem),
  });
});

test('a patch may take away or add the end of the last line', () => {
  const bare = SOLUTION.trimEnd();
  expect(applyStrictly(makePatch('b.ts', SOLUTION, bare), SOLUTION, 'b.ts')).toEqual({
    ok: true,
    text: bare,
  });
  expect(applyStrictly(makePatch('b.ts', bare, SOLUTION), bare, 'b.ts')).toEqual({
    ok: true,
    text: SOLUTION,
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
    /^solutions\/day1-a\/1-b\/mistakes\/one.patch does not apply to solutions\/day1-a\/1-b\/b.ts: line 10 expects "const c = 3;", but line 3 is "const c = 4;".*npm run mistake -- rebase day1.1/,
  );
  writeFileSync(join(lab.solutionDir, 'b.ts'), SOLUTION);
});

test.each([
  ['', 'line 1 is "", where one of "Belief:"'],
  [printHeader(HEADER), 'line 4 should be "--- b.ts", and the patch ends. *$'],
  [
    `${printHeader(HEADER)}\n@@ -1,2 +1,2 @@\n`,
    'line 5 should be "--- b.ts", and there is "@@ -1,2 \\+1,2 @@".$',
  ],
  [printHeader({ ...HEADER, whole: 'It is.' }), 'line 4 is "Whole: It is.", which a patch is not'],
  [
    printHeader({ ...HEADER, base: 'right' }),
    'it is a change of "right", where "Base:" should name a file of',
  ],
  [printHeader({ ...HEADER, base: '../2-c/c.ts' }), 'a change of "../2-c/c.ts", where "Base:" should name'],
])('the patch %j is refused with the line and what is wanted, and no advice to rebase', (text, problem) => {
  keep('one.patch', text);
  expect(() => readMistakes(lab)).toThrow(new RegExp(problem));
  expect(() => readMistakes(lab)).not.toThrow(/rebase/);
});

test('each mistake in the folder of mistakes is a sentence among what the lab lacks', () => {
  const patch = `${printHeader(HEADER)}\n${makePatch('b.ts', SOLUTION, SOLUTION.replace('b = 2', 'b = 3'))}`;
  const whole = `/*\n${printHeader(HEADER).replace(/^(?=.)/gm, ' * ')} */\n\nexport {};\n`;
  for (const name of ['one.patch', 'two.patch', 'slides.PATCH', 'notes.txt']) keep(name, patch);
  keep('one.ts', whole);
  mkdirSync(lab.dir, { recursive: true });
  const sentences = (checks: string) => {
    writeFileSync(join(lab.dir, 'check.test.ts'), checks);
    return omissionsOf(lab).filter((sentence) => sentence.includes('/mistakes/'));
  };
  const at = 'solutions/day1-a/1-b/mistakes';
  const others = [
    `${at}/one.ts has the name of ${at}/one.patch: keep one of them.`,
    `${at}/two.patch is the same change as ${at}/one.patch: keep one of them.`,
    `${at}/notes.txt is no mistake: those are named such as slides.patch.`,
    `${at}/slides.PATCH is no mistake: those are named such as slides.patch.`,
  ];
  expect(sentences("check('adds up', () => {});")).toEqual(others);
  expect(sentences(`check(\`adds \${WHERE}\`, () => {});`)).toEqual(others);
  expect(sentences("check('adds', () => {});")).toContain(
    `${at}/two.patch says "Rejected by: adds up", which is the title of no check in days/day1-a/1-b.`,
  );
});
