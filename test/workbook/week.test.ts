import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Measured, Progress } from '../../lib/workbook/progress.ts';
import { recordGrade } from '../../lib/workbook/status.ts';
import { gatherWeek, type Week } from '../../lib/workbook/week.ts';
import { readAblation } from '../../lib/workbook/week-ablation.ts';
import { adviceFor } from '../../lib/workbook/week-advice.ts';
import { readCapstone } from '../../lib/workbook/week-capstone.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';
import { CAPSTONE_FILES, makeCapstone } from '../fixtures/capstone.ts';
import { makeMetric, makeRecord } from '../fixtures/run-record.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

const CAPSTONE = 'day2-whole/2-contentflow';
let fixture: FixtureWorkbook;
beforeEach(() => {
  fixture = makeWorkbook(CAPSTONE_FILES);
});
afterEach(() => fixture.remove());

/** The week of the fixture course, with these ids passed and this of the capstone measured. */
function week(passed: readonly string[], measured?: Measured, records = [makeRecord()]): Week {
  const workbook = readWorkbook(fixture.root);
  const progress: Progress = { version: 1, labs: {}, quizzes: {} };
  for (const lab of allLabs(workbook)) if (passed.includes(lab.id)) recordGrade(progress, lab, true);
  if (measured) progress.labs[CAPSTONE] = { ...progress.labs[CAPSTONE], measured };
  const at = new Date('2026-03-02T08:00:00.000Z');
  return gatherWeek({ workbook, progress, records, reflection: [], workbookVersion: '1.2.3', at });
}

test('before the capstone has passed there are no figures, and what leads to them is said', () => {
  for (const each of [week([]), week([], makeCapstone({ passed: false }))]) {
    expect(each).toMatchObject({ capstone: undefined, recommendations: null, personalBest: null });
    expect(each.next).toContain('edit days/day2-whole/2-contentflow/assistant.ts');
    expect(each.next).toContain('npm run lab -- check day2.2');
    expect(each.next).toContain('The next lab before it is day1.1.');
  }
});

test('a workbook without a capstone says so', () => {
  fixture.remove();
  fixture = makeWorkbook();
  expect(week([])).toMatchObject({ capstone: undefined, certificate: { earned: false } });
  expect(week([]).next).toContain('This workbook has no capstone');
});

test('the certificate asks for the capstone and for the fast and core labs of the days before it', () => {
  expect(week(['day1.1']).certificate).toEqual({
    earned: false,
    missing: [
      { id: 'day1.2', title: 'Double a number' },
      { id: 'day2.2', title: 'ContentFlow: a whole day' },
    ],
    of: 3,
  });
  expect(week(['day1.1', 'day1.2', 'day2.2']).certificate).toEqual({ earned: true, missing: [], of: 3 });
});

test('a stretch lab is not asked for', () => {
  fixture.write('days/day1-basics/2-double/README.md', '# Double\n\nLane: stretch · 15 minutes\n');
  expect(week(['day1.1', 'day2.2']).certificate).toMatchObject({ earned: true, of: 2 });
});

test('figures come from what the capstone measured, intervals from where it kept them', () => {
  expect(readCapstone(makeCapstone())).toMatchObject({
    seed: 3,
    costReduction: { value: 0.624, low: 0.601, high: 0.645 },
    speedImprovement: { value: 3.2, low: 3, high: 3.41 },
    cacheHitRate: { value: 0.674, low: 0.655, high: 0.692 },
    apiCallsSaved: { value: 3250 },
    moneySavedMicroUsd: { value: 145_300_000 },
    avgResponseMs: { value: 890 },
    p95ResponseMs: { value: 1640, low: 1590, high: 1705 },
    errorShare: { value: 0.002 },
    applied: ['intelligent_caching', 'model_downgrading', 'prompt_compression'],
  });
});

test('of a figure that is measured and recorded, the telling with an interval counts', () => {
  const data = { figures: { meanEndToEnd: { value: 890, low: 850, high: 930 }, hitRate: { value: 0.7 } } };
  expect(readCapstone(makeCapstone({ data }))).toMatchObject({
    avgResponseMs: { value: 890, low: 850, high: 930 },
    cacheHitRate: { value: 0.674, low: 0.655, high: 0.692 },
  });
});

test('a reduction that was not recorded is taken from before and yours, without an interval', () => {
  const { costReduction, speedImprovement, moneySavedMicroUsd, applied, gates } = readCapstone(
    makeCapstone({ data: {} }),
  );
  expect(costReduction).toEqual({ value: 1 - 87_550_000 / 232_850_000 });
  expect(speedImprovement).toEqual({ value: 2848 / 890 });
  expect({ moneySavedMicroUsd, applied, gates }).toEqual({
    moneySavedMicroUsd: null,
    applied: null,
    gates: [],
  });
});

test('what the capstone measured nothing of is null, and damaged data are as if absent', () => {
  const data = { figures: { moneySavedMicroUsd: 'much' }, ablation: [null, 7, {}], gates: [null, {}] };
  expect(readCapstone(makeCapstone({ metrics: [], data }))).toMatchObject({
    ...{ costReduction: null, speedImprovement: null, cacheHitRate: null, apiCallsSaved: null },
    ...{ moneySavedMicroUsd: null, avgResponseMs: null, p95ResponseMs: null, requestsPerMinute: null },
    ...{ errorShare: null, ablation: null, applied: null, gates: [] },
  });
});

test('savings are shares of what the others leave: added up they are too much, multiplied they fit', () => {
  const rows = (costs: Record<string, number>) =>
    Object.entries(costs).map(([optimization, costMicroUsd]) => ({ optimization, costMicroUsd }));
  // Two that halve the cost, each on its own.
  const ablation = readAblation(rows({ 'all on': 25, a: 50, b: 50, 'all off': 100 }));
  expect(ablation).toMatchObject({ sum: 1, product: 0.75, measured: 0.75 });
  expect(readAblation(rows({ 'all on': 25, a: 50 }))).toMatchObject({ measured: null });
  expect(readAblation(rows({ a: 50, 'all off': 100 }))).toBeNull();
});

test('an optimisation counts as applied if without it the same traffic is dearer, slower, or worse', () => {
  const row = (optimization: string, change = {}) => ({
    ...{ optimization, costMicroUsd: 1000, p95Ms: 1000, p95TtftMs: 400, hitRate: 0.6, qualityShare: 0.95 },
    ...change,
  });
  const contributing = readAblation([
    row('all on'),
    row('dearer', { costMicroUsd: 1002 }),
    row('slower', { p95Ms: 1010 }),
    row('later first word', { p95TtftMs: 900 }),
    row('misses', { hitRate: 0.58 }),
    row('worse', { qualityShare: 0.94 }),
    row('idle', { costMicroUsd: 1000, p95Ms: 1004, p95TtftMs: 401, hitRate: 0.596, qualityShare: 0.948 }),
    row('cheaper without', { costMicroUsd: 900 }),
  ])?.contributions.flatMap(({ optimization, contributes }) => (contributes ? [optimization] : []));
  expect(contributing).toEqual(['dearer', 'slower', 'later first word', 'misses', 'worse']);
});

test('advice follows from figures, and each piece names its own', () => {
  const { recommendations } = week(['day2.2'], makeCapstone());
  expect(recommendations).toEqual([
    {
      advice: 'Make the calls that stay cheaper: prefixes, routing, the batch lane',
      reason: '69.7 % of what is left, $61.00, is paid where no cache helps.',
    },
    {
      advice: 'Work on "total cost" next, because no other figure has as much room',
      reason: 'It is $87.55, and $60.00 is the limit.',
    },
    {
      advice: 'Repair hedging or take it out',
      reason: 'Without it the same traffic costs 0.1 % less, and nothing else gets clearly worse.',
    },
  ]);
});

test('slow answers, few hits and a rising cost are each advised upon', () => {
  const metrics = [
    makeMetric({ name: 'mean end to end', yours: 2100 }),
    makeMetric({ name: 'hit rate', unit: 'share', better: 'higher', yours: 0.4, limit: null }),
  ];
  const capstone = readCapstone(makeCapstone({ metrics, data: {} }));
  expect(adviceFor(capstone, [], 0.12).map(({ reason }) => reason)).toEqual([
    'The mean response takes 2.1 s; 2 s is the most.',
    'The hit rate is 40 %, below 50 %.',
    'The last attempt cost 12 % more than the one before.',
  ]);
});

test('media and profiles are advised upon as long as their labs have not passed', () => {
  const capstone = readCapstone(makeCapstone({ metrics: [], data: {} }));
  const lab = (key: string, status: 'passed' | 'todo') => ({
    ...{
      id: 'day3.4',
      key,
      title: '',
      lane: 'core' as const,
      status,
      editedSince: false,
      passedBefore: false,
      earlierEdition: false,
    },
    ...{ attempts: 0, hints: { seen: 0, of: 0 }, solution: null, measured: null },
  });
  const tiers = (status: 'passed' | 'todo') =>
    adviceFor(capstone, [lab('day3-caching/4-tiers', status)], null);
  expect(tiers('todo')).toEqual([
    {
      advice: 'Implement CDN for media files, and consider edge caching',
      reason: 'day3.4, where media move to the edge, has not passed.',
    },
  ]);
  expect(tiers('passed')).toEqual([]);
});

test('the cost of the last two attempts at the capstone makes the trend', () => {
  const attempt = (yours: number) =>
    makeRecord({ lab: 'day2.2', metrics: [makeMetric({ name: 'total cost', unit: 'microUsd', yours })] });
  const reasons = (records: ReturnType<typeof attempt>[]) =>
    week(['day2.2'], makeCapstone(), records).recommendations?.map(({ reason }) => reason);
  expect(reasons([attempt(900), attempt(100), attempt(120)])).toContain(
    'The last attempt cost 20 % more than the one before.',
  );
  expect(reasons([attempt(120), attempt(125)])?.join()).not.toContain('last attempt');
});

test('what the week leaves behind is named with where it is', () => {
  const open = week([], undefined, []).deliverables.map(({ what, done }) => [what, done]);
  expect(open).toEqual([
    ['Optimised system', false],
    ['Performance metrics', false],
    ['Before/after comparison', false],
    ['Node.js implementation (optional)', false],
  ]);
  const done = week(['day2.2'], makeCapstone()).deliverables;
  expect(done[0]).toEqual({
    ...{ what: 'Optimised system', done: true, where: 'days/day2-whole/2-contentflow/assistant.ts' },
  });
  expect(done[2]).toMatchObject({ done: true, where: 'figures of 1 of 4 labs' });
});
