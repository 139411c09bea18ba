import { expect, test } from 'vitest';
import { createStyle } from '../../lib/report/style.ts';
import { certificateHtml } from '../../lib/report/week-certificate.ts';
import { weekJson } from '../../lib/report/week-json.ts';
import { weekBody } from '../../lib/report/week-page.ts';
import { weekScreen } from '../../lib/report/week-screen.ts';
import { weekCharts } from '../../lib/workbook/week-charts.ts';
import { finishedProgress, makeWeek } from '../fixtures/week.ts';

const PLAIN = createStyle({ columns: 80 }, { NO_COLOR: '1' });
const NOTHING_YET = { version: 1 as const, labs: {}, quizzes: {} };

test('as data, the four objects have the names and shapes of the exercise, with intervals beside', () => {
  expect(weekJson(makeWeek())).toMatchObject({
    ...{ version: 1, workbookVersion: '1.2.3', seed: 3 },
    optimization_results: {
      cost_reduction: '62.4%',
      cost_reduction_interval: { low: '60.1%', high: '64.5%' },
      speed_improvement: '3.2x',
      speed_improvement_interval: { low: '3x', high: '3.41x' },
      cache_hit_rate: '67.4%',
      cache_hit_rate_interval: { low: '65.5%', high: '69.2%' },
      api_calls_saved: 3250,
      money_saved: '$145.30',
      money_saved_interval: { low: '$140.00', high: '$150.25' },
    },
    performance_metrics: {
      avg_response_time: 890,
      p95_response_time: 1640,
      p95_response_time_interval: { low: 1590, high: 1705 },
      throughput: '3.5 req/min',
      error_rate: 0.002,
    },
    optimizations_applied: ['intelligent_caching', 'model_downgrading', 'prompt_compression'],
    recommendations: [
      expect.stringContaining('69.7 % of what is left'),
      expect.stringContaining('$60.00 is the limit'),
      expect.stringContaining('Repair hedging'),
    ],
    next: null,
  });
});

test('as data, labs, quizzes, ablation and personal best follow', () => {
  expect(weekJson(makeWeek())).toMatchObject({
    ablation: {
      rows: [
        { optimization: 'all on' },
        {},
        {},
        {},
        { optimization: 'hedging' },
        { optimization: 'all off' },
      ],
      savings: {
        sum: expect.closeTo(0.839, 3),
        product: expect.closeTo(0.659, 3),
        measured: expect.closeTo(0.624, 3),
      },
    },
    gates: [{ passed: true }, { passed: true }],
    personalBest: {
      score: 74,
      reference: 80,
      limit: 100,
      seed: 3,
      attempts: [{ score: 60 }, {}, { score: 71 }],
    },
    labs: [
      {
        ...{ id: 'day1.1', title: 'Add two numbers', status: 'passed', attempts: 4, hints: 2, hintsOf: 3 },
        solution: { forced: true },
        metrics: [{ name: 'makespan', before: 54_000, yours: 3000, target: 3500, limit: 2900 }, {}],
      },
      { id: 'day1.2', solution: null, metrics: [] },
      { id: 'day2.1', status: 'todo' },
      { id: 'day2.2', status: 'passed' },
    ],
    quizzes: [{ day: 'day1', right: 1, of: 2 }],
    reflection: { file: '.workbook/reflection.md', questions: [{ question: 'What was slow?' }, {}] },
    certificate: { earned: true, missing: [] },
  });
});

test('before the capstone has passed the four objects are null and the next step is named', () => {
  expect(weekJson(makeWeek(NOTHING_YET))).toMatchObject({
    ...{ seed: null, optimization_results: null, performance_metrics: null },
    ...{ optimizations_applied: null, recommendations: null, ablation: null, personalBest: null },
    next: expect.stringContaining('npm run lab -- check day2.2'),
  });
  expect(weekScreen(makeWeek(NOTHING_YET), PLAIN)).toMatch(/Results\n {2}None yet\. The week is measured/);
  expect(weekBody(makeWeek(NOTHING_YET))).toContain('None yet. The week is measured in the capstone');
});

test('a day that cost little keeps its cents', () => {
  const week = makeWeek();
  const { capstone } = week;
  if (!capstone) throw new Error('The fixture has passed its capstone.');
  const small = { ...week, capstone: { ...capstone, moneySavedMicroUsd: { value: -12_340 } } };
  expect(weekJson(small)).toMatchObject({ optimization_results: { money_saved: '-$0.0123' } });
});

test('in a terminal the week fits its width, with the savings multiplied and the score among its like', () => {
  const screen = weekScreen(makeWeek(), PLAIN);
  for (const line of screen.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(screen).toMatch(/Cost reduction +62\.4 % +95 %: 60\.1 % to 64\.5 %/);
  expect(screen).toContain('these would be 83.9 %, multiplied they are 65.9 %.');
  expect(screen).toContain('Score 71, your best 74, reference 80, limit 100.');
  expect(screen).toMatch(/day1\.1 +Add two numbers +passed.* +54 s → 3 s/);
  expect(screen).toContain('Hints read: day1.1 (2 of 3).');
  expect(screen).toContain('Solutions opened: day1.1 (before an attempt).');
  expect(screen).toMatch(/Basics +1 of 2 right/);
  expect(screen).toContain('      waited for the first.');
});

test('what a learner wrote is text on the page and on the certificate, never markup', () => {
  const bad = '</script><img src=x onerror="alert(1)">';
  const week = makeWeek(finishedProgress(), { reflection: [{ question: 'Why?', answer: bad }] });
  expect(weekBody(week)).toContain('&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  expect(weekBody(week)).not.toContain('<img');
  const { capstone } = week;
  if (!capstone) throw new Error('The fixture has passed its capstone.');
  expect(certificateHtml(week, capstone, bad)).not.toContain('<img');
});

test('the certificate says what was measured, with which version and seed, by which rule and with what help', () => {
  const week = makeWeek();
  const { capstone } = week;
  if (!capstone) throw new Error('The fixture has passed its capstone.');
  const page = certificateHtml(week, capstone, 'Ada');
  expect(page).toContain('<p class="name">Ada</p>');
  expect(page).toContain('Workbook 1.2.3 · seed 3 · measured 2026-03-01 · issued 2026-03-02');
  expect(page).toContain('62.4 %<small>60.1 % to 64.5 %</small>');
  expect(page).toContain('Best score 74; the reference has 80, the limit is 100.');
  expect(page).toContain('Hints read: 2. Solutions opened: 1, 1 of them before an attempt.');
  expect(page).toContain('every fast and core lab of the days before the capstone');
  expect(certificateHtml(week, capstone)).toContain('<p class="name"></p>');
});

test('each chart has its place beside a table', () => {
  const week = makeWeek();
  const names = weekCharts(week).map(({ name }) => name);
  expect(names).toEqual(['lab day1.1', 'lab day2.2', 'ablation', 'best']);
  const body = weekBody(week);
  for (const name of names) expect(body).toContain(`data-chart="${name}"`);
});

test('figures of different units are drawn as shares of the largest of their four', () => {
  const [chart] = weekCharts(makeWeek());
  expect(chart?.labels).toEqual(['A', 'B']);
  expect(chart?.series.map(({ name, values }) => [name, values[1]])).toEqual([
    ['before', 1],
    ['yours', 0],
    ['target', 0],
    ['limit', 0],
  ]);
  expect(chart?.series[1]?.values[0]).toBeCloseTo(3000 / 54_000);
});
