import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outdatedLists } from '../../lib/workbook/lab-lists.ts';
import { readMistakes } from '../../lib/workbook/mistakes.ts';
import { omissionsOf } from '../../lib/workbook/omissions.ts';
import { allLabs, learnerFiles, readWorkbook } from '../../lib/workbook/workbook.ts';

import { declaredChecks, titlesOf } from './check-titles.ts';
import { clausesOf } from './clauses.ts';
import { expectPhrases } from './figures.ts';

const root = resolve('.');
const workbook = readWorkbook(root);
const labs = allLabs(workbook);

test('days and labs are numbered without gaps', () => {
  expect(workbook.days.map((day) => day.id)).toEqual(workbook.days.map((_, i) => `day${i + 1}`));
  for (const day of workbook.days)
    expect(day.labs.map((lab) => lab.id)).toEqual(day.labs.map((_, i) => `${day.id}.${i + 1}`));
});

test('lessons, README.md and COVERAGE.md list the labs that there are; `npm run prove` mends them', () => {
  expect(outdatedLists(workbook)).toEqual([]);
});

test('README.md says how long the fast lanes take', () => {
  const minutes = workbook.days.map((day) =>
    day.labs.filter(({ lane }) => lane === 'fast').reduce((sum, lab) => sum + lab.minutes, 0),
  );
  expectPhrases('README.md', {
    'fast lanes': `is the day in short (${Math.min(...minutes)} to ${Math.max(...minutes)} minutes)`,
  });
});

test('every lab folder has its mirror in solutions, and no solution is left over', () => {
  for (const day of readdirSync(join(root, 'solutions')))
    for (const slug of readdirSync(join(root, 'solutions', day)))
      expect(labs.map((lab) => lab.key)).toContain(`${day}/${slug}`);
});

for (const lab of labs) {
  describe(lab.key, () => {
    test('has all its parts and no others', () => {
      expect(omissionsOf(lab)).toEqual([]);
    });

    test('has three to eight checks, the capstone more', async () => {
      const most = lab.key.endsWith('8-contentflow') ? 14 : 8;
      const titles = await titlesOf(lab);
      expect(titles.length).toBeGreaterThanOrEqual(3);
      expect(titles.length).toBeLessThanOrEqual(most);
    });
  });
}

for (const lab of labs) {
  test(`every clause of the task is held by a check: ${lab.key}`, async () => {
    const titles = await titlesOf(lab);
    const clauses = clausesOf(readFileSync(join(lab.dir, 'README.md'), 'utf8'));
    expect(clauses.filter(({ checks }) => checks.length === 0).map(({ text }) => text)).toEqual([]);
    const named = new Set(clauses.flatMap(({ checks }) => checks));
    expect([...named].sort((a, b) => a - b)).toEqual(titles.map((_, at) => at + 1));
  });
}

test('every check is the first to reject a mistake', async () => {
  const idle: string[] = [];
  for (const lab of labs) {
    const rejecting = new Set(readMistakes(lab).map(({ rejectedBy }) => rejectedBy));
    for (const title of await titlesOf(lab)) if (!rejecting.has(title)) idle.push(`${lab.id}: ${title}`);
  }
  expect(idle).toEqual([]);
});

test('a task names the steps that its checks belong to', async () => {
  for (const lab of labs) {
    const steps = new Set((await declaredChecks(lab)).flatMap(({ step }) => step ?? []));
    expect([...steps], lab.key).toEqual(lab.steps.map((_, at) => at + 1));
  }
});

describe('links in Markdown files lead somewhere', () => {
  const documents = [
    ...['README.md', 'AGENTS.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].map((file) => join(root, file)),
    ...readdirSync(join(root, 'docs')).map((file) => join(root, 'docs', file)),
    ...workbook.days.map((day) => join(day.dir, 'README.md')),
    ...labs.flatMap((lab) => [
      join(lab.dir, 'README.md'),
      join(lab.dir, 'hints.md'),
      join(lab.solutionDir, 'NOTES.md'),
    ]),
  ];
  for (const file of documents) {
    test(file.slice(root.length + 1), () => {
      for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(https?:|mailto:|#)/.test(target)) continue;
        expect(existsSync(join(dirname(file), target.split('#')[0] ?? '')), `${target} does not exist`).toBe(
          true,
        );
      }
    });
  }
});

test('every row of a table in Markdown has as many cells as its head', () => {
  const files = [root, ...['days', 'solutions'].map((folder) => join(root, folder))].flatMap((folder) =>
    readdirSync(folder, { recursive: folder !== root, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
  const odd = files.flatMap((file) =>
    tablesOf(readFileSync(file, 'utf8')).flatMap(([head = '', ...rows]) =>
      rows
        .filter((row) => cellCount(row) !== cellCount(head))
        .map((row) => `${file.slice(root.length + 1)}: ${row}`),
    ),
  );
  expect(odd).toEqual([]);
});

/** Runs of lines that begin with a bar, code blocks aside. */
function tablesOf(text: string): string[][] {
  const tables: string[][] = [];
  let wasRow = false;
  for (const line of text.replaceAll(/^```.*?^```/gms, '').split(/\r?\n/)) {
    const isRow = line.startsWith('|');
    if (isRow && !wasRow) tables.push([]);
    if (isRow) tables.at(-1)?.push(line);
    wasRow = isRow;
  }
  return tables;
}

/** A bar inside a cell has to be escaped, also within code. */
function cellCount(row: string): number {
  return row.replaceAll('\\|', '').split('|').length;
}

test('no file of the course names a learner file that is not there', () => {
  for (const lab of labs) for (const path of learnerFiles(lab)) expect(existsSync(path), path).toBe(true);
});
