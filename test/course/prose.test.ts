import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';
import { asConstants, constantsIn, numberOf } from './prose/constants.ts';
import { blankPhrases, figuresIn, plainOf } from './prose/figures-in.ts';
import { MARKS, type Source } from './prose/marks.ts';
import { outdated, type Quotes, quotesOf } from './prose/quoted-constants.ts';
import { type Text, textsOf } from './prose/texts.ts';
import { cellsOf, printedPhrases, REPRINTS } from './reprint.ts';

const labs = allLabs(readWorkbook(resolve('.')));
const QUOTED = 'test/course/printed/quoted-constants.json';
const used = new Set<string>();
const MARKED = Object.entries(MARKS).map((mark) => ({
  mark,
  plain: plainOf(mark[0].replace(/`[^`]*`/g, ' ')),
}));

test('a figure has a unit, a fraction or two digits; names of things are no figures', () => {
  const text =
    'Lab 4.2 of day 1: three checks, 24 hours, 38.5 %, $0.02, 6,000 and five minutes; p95 on 14 January 2027, 429.';
  expect(figuresIn(text).map(({ figure }) => figure)).toEqual([
    '24 hours',
    '38.5 %',
    '$0.02',
    '6,000',
    'five minutes',
  ]);
});

test('a figure is the constant that has its value in the unit of the code', () => {
  const constants = constantsIn(
    "const DAY_MS = 24 * 3_600_000; const share = 0.1; hold('after 7 s'); // 9 s",
  );
  const stands = (figure: string) => asConstants(figure).some((value) => constants.has(value));
  for (const figure of ['24 hours', '10 %', '90 %', '24']) expect(stands(figure), figure).toBe(true);
  for (const figure of ['23 hours', '11 %', '7 s', '9 s']) expect(stands(figure), figure).toBe(false);
});

test('every figure that the course prints is measured, a constant of its lab, or marked with its source', async () => {
  expect((await textsOf(readWorkbook(resolve('.')))).flatMap(unsourced)).toEqual([]);
});

test('a text that quotes a constant of its lab does so still when the constant has changed', () => {
  const before: Record<string, Quotes> = existsSync(QUOTED) ? JSON.parse(readFileSync(QUOTED, 'utf8')) : {};
  expect(labs.flatMap((lab) => outdated(lab, before[lab.key] ?? {}))).toEqual([]);
  const now = Object.fromEntries(labs.map((lab) => [lab.key, quotesOf(lab)]));
  if (REPRINTS) writeFileSync(QUOTED, `${JSON.stringify(now, null, 2)}\n`);
  else expect(before, 'run WORKBOOK_REPRINT=1 npx vitest run test/course/prose.test.ts').toEqual(now);
});

test('every mark stands in a text', () => {
  expect(Object.keys(MARKS).filter((phrase) => !used.has(phrase))).toEqual([]);
});

/** What is wrong with the figures of a text, a sentence each. */
function unsourced({ file, prose, constants }: Text): string[] {
  const text = readFileSync(file, 'utf8');
  const words = plainOf(prose);
  const marks = MARKED.filter(({ plain }) => words.includes(plain)).map(({ mark }) => mark);
  const phrases = marks.map(([phrase]) => phrase);
  for (const phrase of phrases) used.add(phrase);
  const rest = blankPhrases(prose, [...Object.values(printedPhrases(file)), ...phrases]);
  const cells = cellsOfTask(file);
  const open = figuresIn(rest).filter(
    ({ figure }) => !cells.has(figure) && !asConstants(figure).some((value) => constants.has(value)),
  );
  return [
    ...marks.flatMap(([phrase, source]) => unproved(file, plainOf(text), phrase, source)),
    ...open.map(
      ({ line, figure }) =>
        `${file}:${line} says ${figure}: no table of its lab, no constant and no mark has it. Leave it out, print it with expectPhrases() of figures.ts, or name its source in test/course/prose/marks.ts. The line: ${text.split('\n')[line - 1]?.trim()}`,
    ),
  ];
}

function unproved(file: string, text: string, phrase: string, source: Source): string[] {
  if (typeof source === 'string') return [];
  if ('cited' in source)
    return text.includes(source.cited)
      ? []
      : [`${file} says "${phrase}", which is from "${source.cited}", and does not name it.`];
  if ('worked' in source)
    return source.worked === phrase ? [] : [`${file} says "${phrase}", and it is "${source.worked}".`];
  const code = readFileSync(source.in, 'utf8');
  const constants = constantsIn(code);
  const stands = (figure: string) =>
    new RegExp(`(?<![\\d.,])${numberOf(figure)}(?![\\d]|[.,]\\d)`).test(code);
  return figuresIn(phrase)
    .filter(
      ({ figure }) =>
        !code.includes(figure) &&
        !stands(figure) &&
        !asConstants(figure).some((value) => constants.has(value)),
    )
    .map(
      ({ figure }) => `${file} says "${phrase}", and ${source.in}, where that comes from, has no ${figure}.`,
    );
}

const cellsOfTasks = new Map<string, Set<string>>();

/** What the table of the lab's task prints, which the lab's proof holds. */
function cellsOfTask(file: string): Set<string> {
  const [, day, lab = ''] = file.split('/');
  if (!/^\d-/.test(lab)) return new Set();
  const task = `days/${day}/${lab}/README.md`;
  const cells =
    cellsOfTasks.get(task) ??
    new Set(
      (readFileSync(task, 'utf8').match(/^\| seed 1 \|.*(?:\n\|.*)*/gm) ?? [])
        .flatMap((table) => table.split('\n').flatMap(cellsOf))
        .flatMap((cell) => [cell, ...figuresIn(cell).map(({ figure }) => figure)]),
    );
  cellsOfTasks.set(task, cells);
  return cells;
}
