import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { plan } from '../../lib/cli/command-line.ts';
import { OWN_LABS, outdatedLists } from '../../lib/workbook/lab-lists.ts';
import { readMistakes } from '../../lib/workbook/mistakes.ts';
import type { Quiz } from '../../lib/workbook/quiz.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { titlesOf } from './check-titles.ts';
import { type CoverageRow, gradedInVain, LAB, readCoverage } from './coverage-table.ts';

const root = resolve('.');
const workbook = readWorkbook(root);
const labs = allLabs(workbook);
const rows = readCoverage(readFileSync(join(root, 'COVERAGE.md'), 'utf8'));
const references = rows.flatMap(({ line, references }) => references.map((it) => ({ line, ...it })));
/** What the course's own code does, though a check of a lab needs it: no mistake can leave it out. */
const CHECKED_AND_GIVEN = [
  'Week plan: Day 1 exercise: compare sync vs async performance',
  'Week plan: Day 4: Before/After Comparison, apply optimizations',
  'Module 12: Client-side load balancing: round-robin distribution',
];

test('each of the five documents has a table', () => {
  const documents = [...new Set(rows.map((row) => row.document))].filter((document) => document !== OWN_LABS);
  expect(documents).toEqual(['Week plan', 'ContentFlow exercise', 'Chapter 22b', 'Exercise 07', 'Module 12']);
});

test('a row with an empty cell, a title too few or a place that is no link is refused', () => {
  expect(() => readCoverage(table('| name |  | title | given |'))).toThrow('Line 3 should have');
  expect(() => readCoverage(table('| name | [day1.1](x) | title |'))).toThrow('Line 3 should have');
  expect(() => readCoverage(table('| name | [day1.1](x)<br>command | title | given |'))).toThrow(
    '2 places and 1 titles',
  );
  expect(() => readCoverage(table('| name | day1.1 | title | given |'))).toThrow('takes a link or "command"');
  expect(readCoverage(table('| name | [day1.1](x) | title | given |'))).toHaveLength(1);
});

test('a row says that it is graded, given or taught, and graded by which mistakes', () => {
  const held = (words: string) => readCoverage(table(`| name | command | title | ${words} |`))[0]?.held;
  expect(held('given')).toEqual({ how: 'given', mistakes: [] });
  expect(held('taught')).toEqual({ how: 'taught', mistakes: [] });
  expect(held('graded: too-late<br>too-early')).toEqual({
    how: 'graded',
    mistakes: ['too-late', 'too-early'],
  });
  for (const words of ['graded', 'graded:', 'checked', 'given: too-late'])
    expect(() => held(words)).toThrow(`Line 3 is held "${words}"; it takes "given", "taught", or`);
});

test('a graded row names mistakes that the checks it names reject', () => {
  const known = new Map(labs.map((lab) => [lab.id, readMistakes(lab)]));
  expect(rows.flatMap((row) => gradedInVain(row, (lab) => known.get(lab) ?? []))).toEqual([]);
});

test('a mistake that is not there, is rejected elsewhere, or stands beside no check holds no row', () => {
  const known = { 'day1.1': [{ name: 'too-late', rejectedBy: 'is in time' }] };
  const inVain = (cells: string) =>
    gradedInVain(only(readCoverage(table(`| name | ${cells} |`))), (lab) => known[lab as 'day1.1'] ?? []);
  expect(inVain('[day1.1](x) | is in time | graded: too-late')).toEqual([]);
  expect(inVain('[day1.1](x) | is in time | graded: too-late<br>lost')).toEqual([
    'line 3: there is no mistake "lost" in day1.1',
  ]);
  expect(inVain('[day1.2](x) | is in time | graded: too-late')).toEqual([
    'line 3: there is no mistake "too-late" in day1.2',
  ]);
  expect(inVain('[day1.1](x)<br>[day1.2](x) | is right<br>is in time | graded: too-late')).toEqual([
    'line 3 does not name the check that rejects "too-late": day1.1 rejects it by "is in time"',
  ]);
  expect(inVain('[task of day1.1](x) | is in time | graded: too-late')).toEqual([
    'line 3 is graded and names no check of a lab',
  ]);
});

test('a row that names a check of a lab is graded, except for what the course itself does', () => {
  const others = rows.filter(
    ({ held, references }) => held.how !== 'graded' && references.some(({ place }) => LAB.test(place)),
  );
  expect(others.map(({ document, name }) => `${document}: ${name}`)).toEqual(CHECKED_AND_GIVEN);
});

test('the row that a new lab is given says which mistake grades it', () => {
  const fixture = makeWorkbook({
    'COVERAGE.md': '# Coverage\n',
    'solutions/day1-basics/1-add/mistakes/subtracts.patch':
      'Belief: Minus is plus.\nEffect: Sums are too small.\nRejected by: adds two numbers\n',
  });
  const text = outdatedLists(readWorkbook(fixture.root)).find(({ path }) => path === 'COVERAGE.md')?.text;
  fixture.remove();
  expect(text).toContain(
    '| [day1.1](days/day1-basics/1-add/README.md) | adds two numbers | graded: subtracts |\n',
  );
  expect(text).toContain('| doubles a number | TODO: "graded: " and a mistake that this check rejects |\n');
  expect(() => readCoverage(text ?? '')).toThrow('is held "TODO');
});

test('nothing stands twice in a document', () => {
  const names = rows.map(({ document, name }) => `${document}: ${name}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every lab carries something', () => {
  const carrying = new Set(references.map(({ place }) => place));
  expect(labs.map(({ id }) => id).filter((id) => !carrying.has(id))).toEqual([]);
});

test('every link leads to a file, and the label of a lab to its task', () => {
  for (const { line, place, file } of references) {
    if (file === undefined) continue;
    expect(existsSync(join(root, file)), `line ${line}: there is no ${file}`).toBe(true);
    if (LAB.test(place)) expect(`days/${labNamed(place, line).key}/README.md`, `line ${line}`).toBe(file);
  }
});

test('every check that is named is one of its lab', async () => {
  const titles = new Map<string, string[]>();
  const missing: string[] = [];
  for (const { line, place, title } of references) {
    if (!LAB.test(place)) continue;
    const known = titles.get(place) ?? (await titlesOf(labNamed(place, line)));
    titles.set(place, known);
    if (!known.includes(title)) missing.push(`line ${line}: ${place} has no check "${title}"`);
  }
  expect(missing).toEqual([]);
});

test('every heading, test and question that is named is there', async () => {
  const missing: string[] = [];
  for (const { line, place, file, title } of references) {
    if (file === undefined || LAB.test(place)) continue;
    if (!(await namedIn(file)).includes(title)) missing.push(`line ${line}: ${file} has no "${title}"`);
  }
  expect(missing).toEqual([]);
});

test('every command that is named is understood, and the labs in it exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const { line, file, title } of references) {
    if (file !== undefined) continue;
    const [, script = '', , words = ''] = /^npm run (\w+)( -- (.+))?$/.exec(title) ?? [];
    expect(Object.keys(scripts), `line ${line}: ${title}`).toContain(script);
    if (words === '') continue;
    expect(script, `line ${line}: only \`npm run lab\` takes words here`).toBe('lab');
    // A figure stands where the reader is to put one.
    const planned = plan(words.replace('USD', '1').split(' '), {});
    expect(planned, `line ${line}: ${title}`).not.toMatchObject({ name: 'usage' });
    for (const [name] of words.matchAll(/day\d+(\.\d+)?/g))
      expect(
        [...labs, ...workbook.days].map(({ id }) => id),
        `line ${line}: ${title}`,
      ).toContain(name);
  }
});

function table(row: string): string {
  return `| a | b | c | d |\n| --- | --- | --- | --- |\n${row}\n`;
}

function only([row]: CoverageRow[]): CoverageRow {
  if (!row) throw new Error('There is no row.');
  return row;
}

function labNamed(id: string, line: number): Lab {
  const lab = labs.find((it) => it.id === id);
  if (!lab) throw new Error(`Line ${line} of COVERAGE.md names ${id}, and there is no such lab.`);
  return lab;
}

/** What a file has under a name: headings, questions of a quiz, or titles of tests. */
async function namedIn(file: string): Promise<string[]> {
  const text = readFileSync(join(root, file), 'utf8');
  if (file.endsWith('.md')) return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  if (file.endsWith('.test.ts'))
    return [...text.matchAll(/\btest\(\s*'([^']+)'/g)].map(([, title = '']) => title);
  const { quiz } = (await import(/* @vite-ignore */ join(root, file))) as { quiz: Quiz };
  return quiz.map(({ question }) => question);
}
