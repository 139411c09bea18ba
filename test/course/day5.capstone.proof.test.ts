import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { REFERENCE_SCORE } from '../../days/day5-nodejs/contentflow/score.ts';
import { inWords } from '../../lib/provider/metrics.ts';
import { expectPhrases } from './figures.ts';
import { type Graded, gradeHere } from './grade-here.ts';
import { proveDay, SEEDS } from './prove.ts';
import { printedPhrases } from './reprint.ts';

/** A whole day takes an answer as long as twenty other labs: `npm run verify` plays it on one seed, `verify -- all` on ten. */
const isThorough = SEEDS.length > 1;
const onTenDays = isThorough && process.env.WORKBOOK_ALL !== undefined;
const isOtherCatalogue = Boolean(process.env.WORKBOOK_CATALOGUE);
const NOTES = 'solutions/day5-nodejs/8-contentflow/NOTES.md';
const days = new Map<string, Graded[]>();

if (isThorough || isOtherCatalogue) {
  proveDay('day5-nodejs', {
    labs: (key) => key.endsWith('8-contentflow'),
    seeds: SEEDS.slice(0, onTenDays ? 10 : 1),
    onGraded: (file, _, graded) => days.set(file, [...(days.get(file) ?? []), graded]),
  });
}

test.runIf(isThorough)('the points of the reference are those that it reaches', () => {
  const points = values('assistant.ts', 'score');
  expect(points.length).toBeGreaterThan(0);
  for (const each of points) expect(Math.abs(each - REFERENCE_SCORE)).toBeLessThanOrEqual(3);
});

test.runIf(isThorough)(
  'the notes say what each optimisation brings on the printed day, and that savings do not add up',
  () => {
    const rows = days.get('assistant.ts')?.[0]?.data.ablation as unknown as Row[];
    const [allOn, allOff] = [rows.find(isNamed('all on')), rows.find(isNamed('all off'))] as [Row, Row];
    const saving = ({ costMicroUsd }: Row) => 1 - allOn.costMicroUsd / costMicroUsd;
    const single = rows.filter((row) => row !== allOn && row !== allOff);
    const added = single.reduce((sum, row) => sum + saving(row), 0);
    const multiplied = 1 - single.reduce((left, row) => left * (1 - saving(row)), 1);
    const [sum, product, measured] = [added, multiplied, saving(allOff)].map((part) =>
      inWords(part, 'share'),
    );
    expectRows({
      ...Object.fromEntries(rows.map((row) => [`off: ${row.optimization}`, ablationLine(row, saving(row))])),
      'all together': `Added up they come to ${sum}, multiplied to ${product}, and measured together to ${measured}.`,
    });
  },
);

test.runIf(isThorough)('the table of the notes is what each strategy reaches on the printed day', () => {
  expectRows(Object.fromEntries([...days.keys()].map((file) => [`strategy: ${nameOf(file)}`, rowOf(file)])));
});

test.runIf(isThorough)('a hidden day does not repeat what failed on the day one knows', async () => {
  const lab = 'days/day5-nodejs/8-contentflow/check.test.ts';
  const slow = 'solutions/day5-nodejs/8-contentflow/mistakes/whole-answers.ts';
  const { checks } = await gradeHere(resolve(lab), resolve(slow), 1);
  const hidden = checks.find(({ title }) => title === 'does as well on two days that it has not seen');
  expect(hidden?.outcome.status).toBe('pass');
});

/** The other phrases of the notes stay as they are. */
function expectRows(measured: Record<string, string>): void {
  expectPhrases(NOTES, { ...printedPhrases(NOTES), ...measured });
}

interface Row {
  optimization: string;
  costMicroUsd: number;
  p95Ms: number;
  p95TtftMs: number;
  hitRate: number;
}

function isNamed(name: string): (row: Row) => boolean {
  return ({ optimization }) => optimization === name;
}

function ablationLine(row: Row, saving: number): string {
  const cells = [
    inWords(row.costMicroUsd, 'microUsd'),
    row.optimization.startsWith('all ') ? '–' : inWords(saving, 'share'),
    inWords(row.p95Ms, 'ms'),
    inWords(row.p95TtftMs, 'ms'),
    inWords(row.hitRate, 'share'),
  ];
  return `| ${[row.optimization, ...cells].join(' | ')} |`;
}

/** What a strategy came to on the printed day, and the check that rejects it. */
function rowOf(file: string): string {
  const [{ metrics, first }] = days.get(file) as [Graded];
  const value = (figure: string) => metrics.get(figure)?.yours ?? Number.NaN;
  const ofTarget = (figure: string) => value(figure) / (metrics.get(figure)?.target ?? Number.NaN);
  const cells = [
    ...['total cost', 'cost where no cache helps'].map((figure) => inWords(ofTarget(figure), 'share')),
    ...['hit rate', 'wrong from the cache', 'provider 429s', 'errors'].map((figure) =>
      inWords(value(figure), 'share'),
    ),
    ...['p95 end to end', 'p95 TTFT'].map((figure) => inWords(value(figure), 'ms')),
  ];
  return `| ${[nameOf(file), ...cells, first?.title ?? '–'].join(' | ')} |`;
}

function nameOf(file: string): string {
  return file.replace(/^(mistakes|right)\/|\.ts$/g, '');
}

function values(file: string, figure: string): number[] {
  return (days.get(file) ?? []).map(({ metrics }) => metrics.get(figure)?.yours ?? Number.NaN);
}
