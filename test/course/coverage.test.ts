import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { plan } from '../../lib/cli/command-line.ts';
import { OWN_LABS } from '../../lib/workbook/lab-lists.ts';
import type { Quiz } from '../../lib/workbook/quiz.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { titlesOf } from './check-titles.ts';
import { readCoverage } from './coverage-table.ts';

const root = resolve('.');
const workbook = readWorkbook(root);
const labs = allLabs(workbook);
const rows = readCoverage(readFileSync(join(root, 'COVERAGE.md'), 'utf8'));
const references = rows.flatMap(({ line, references }) => references.map((it) => ({ line, ...it })));
const LAB = /^day\d+\.\d+$/;

test('each of the five documents has a table', () => {
  const documents = [...new Set(rows.map((row) => row.document))].filter((document) => document !== OWN_LABS);
  expect(documents).toEqual(['Week plan', 'ContentFlow exercise', 'Chapter 22b', 'Exercise 07', 'Module 12']);
});

test('a row with an empty cell, a title too few or a place that is no link is refused', () => {
  const table = (row: string) => `| a | b | c |\n| --- | --- | --- |\n${row}\n`;
  expect(() => readCoverage(table('| name |  | title |'))).toThrow('Line 3 should have');
  expect(() => readCoverage(table('| name | [day1.1](x) | |'))).toThrow('Line 3 should have');
  expect(() => readCoverage(table('| name | [day1.1](x)<br>command | title |'))).toThrow(
    '2 places and 1 titles',
  );
  expect(() => readCoverage(table('| name | day1.1 | title |'))).toThrow('takes a link or "command"');
  expect(readCoverage(table('| name | [day1.1](x) | title |'))).toHaveLength(1);
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
