import { expect, test } from 'vitest';
import { alertsOf } from '../../lib/dashboard/alerts.ts';
import { attempts, benchmarkChart, historyChart, metricNames } from '../../lib/dashboard/attempt-charts.ts';
import { hashOf, viewFrom } from '../../lib/dashboard/page/view.ts';
import {
  costChart,
  errorsChart,
  hitsChart,
  latencyChart,
  stretchOf,
  tokensChart,
} from '../../lib/dashboard/time-charts.ts';
import { playFigures } from '../../lib/workbook/play-figures.ts';
import { makeCalls, makeMetric, makeRecord } from '../fixtures/run-record.ts';

const calls = makeCalls(10);
const whole = stretchOf({ calls }, 10_000, 10_000, 0);
const sumOf = (values: (number | null)[] = []) =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

test('latency counts answered calls only, and says the percentiles in words', () => {
  const { series, summary } = latencyChart(whole);
  expect(summary).toBe('8 answered calls: p50 500 ms, p95 500 ms, p99 500 ms.');
  expect(series.map(({ name }) => name)).toEqual(['p50', 'p95', 'p99', 'first token, p50']);
  expect(series[0]?.values.filter((value) => value !== null)).toEqual(Array(8).fill(500));
  expect(series[3]?.values.filter((value) => value !== null)).toEqual(Array(8).fill(200));
});

test('cost per hour is what the calls of a slice cost, at that rate', () => {
  // 8 calls of $0.001 in 10 s are $0.008, or $2.88 an hour.
  expect(costChart(whole).summary).toBe('$0.008000 in 10 s: $2.88 an hour at this rate.');
  expect(costChart(whole).series[0]?.values[1]).toBeCloseTo((0.001 / (10 / 30)) * 3600);
});

test('what nobody measured is not zero', () => {
  const bare = calls.map(({ startMs, endMs, outcome }) => ({ startMs, endMs, outcome }));
  const stretch = stretchOf({ calls: bare }, 10_000, 10_000, 0);
  expect(costChart(stretch).summary).toBe('The cost of these calls is not known.');
  expect(costChart(stretch).series[0]?.values.every((value) => value === null)).toBe(true);
  expect(hitsChart(stretch).summary).toBe('No input tokens were counted.');
});

test('hit rate, tokens and errors add up to the calls of the stretch', () => {
  expect(hitsChart(whole).summary).toContain('25 % of the input tokens');
  expect(tokensChart(whole).series.map(({ values }) => sumOf(values))).toEqual([1600, 400, 160]);
  expect(errorsChart(whole).series.map(({ values }) => sumOf(values))).toEqual([2, 0, 0]);
  expect(errorsChart(whole).summary).toBe('Of 10 calls, 429: 2, other errors: 0, given up by the client: 0.');
});

test('times are said in the unit that suits them', () => {
  const { xWords } = latencyChart(whole);
  expect([900, 2000, 90_000, 5_400_000].map(xWords)).toEqual(['900 ms', '2 s', '1.5 min', '1.5 h']);
});

test('a replay shows only what had happened by then', () => {
  const half = stretchOf({ calls }, 10_000, 5000, 0);
  expect(half.calls).toHaveLength(5);
  expect(half.endMs).toBe(10_000);
  const [counts = []] = errorsChart(half).series.map(({ values }) => values);
  expect(counts.map((value) => value === null)).toEqual(Array.from({ length: 30 }, (_, at) => at > 15));
});

test('a window looks back from where the replay stands, and its axis keeps its length', () => {
  expect(stretchOf({ calls }, 10_000, 10_000, 3000)).toMatchObject({ fromMs: 7000, endMs: 10_000 });
  const early = stretchOf({ calls }, 10_000, 1000, 3000);
  expect(early).toMatchObject({ fromMs: 0, endMs: 3000 });
  expect(early.calls).toHaveLength(1);
});

test('the history follows one figure of one subject, with its target', () => {
  const records = [
    makeRecord({ id: 'a', metrics: [makeMetric({ yours: 54_000 })] }),
    makeRecord({ id: 'b', subject: 'solution' }),
    makeRecord({ id: 'c', metrics: [] }),
    makeRecord({ id: 'd' }),
  ];
  const tries = attempts(records, 'day1.1', 'yours');
  expect(metricNames(tries)).toEqual(['makespan']);
  const chart = historyChart(tries, 'makespan');
  expect(chart?.series.map(({ values }) => values)).toEqual([
    [54_000, 3000],
    [54_000, 54_000],
    [3500, 3500],
    [2900, 2900],
  ]);
  expect(chart?.summary).toBe('2 attempts; makespan is 3 s now, target 3.5 s: reached.');
  expect(historyChart(tries, 'other')).toBeUndefined();
});

test('a benchmark compares the newest record of each strategy with the one before', () => {
  const record = (subject: string, virtualMs: number) =>
    makeRecord({ command: 'benchmark', subject, plays: [{ virtualMs, calls }] });
  const chart = benchmarkChart(
    [record('yours', 1), record('before', 40_000), record('yours', 20_000)],
    'virtualMs',
  );
  expect(chart?.series.map(({ name, values }) => [name, sumOf(values)])).toEqual([
    ['before', 1],
    ['yours', 0.5],
  ]);
  expect(chart?.summary).toBe('As a multiple of the total time of the version before: day1.1 yours 0.5×.');
  expect(benchmarkChart([makeRecord()], 'virtualMs')).toBeUndefined();
});

test('a benchmark of many labs is in their order, and summed up in words', () => {
  const labs = ['day2.1', 'day1.2', ...Array.from({ length: 8 }, (_, i) => `day10.${i + 1}`), 'day1.1'];
  const records = labs.flatMap((lab, i) => [
    makeRecord({ command: 'benchmark', lab, subject: 'before', plays: [{ virtualMs: 1000, calls }] }),
    makeRecord({ command: 'benchmark', lab, subject: 'yours', plays: [{ virtualMs: 100 * (i + 1), calls }] }),
  ]);
  const chart = benchmarkChart(records, 'virtualMs');
  const names = chart?.xs.map((x) => chart.xWords(x)).filter((words) => words !== '');
  expect(names?.slice(0, 4)).toEqual(['day1.1', 'day1.2', 'day2.1', 'day10.1']);
  expect(chart?.summary).toContain('yours 0.1× to 1.1×, median 0.6×.');
});

test('figures come from the play that the lab measures, and totals count calls that were not kept', () => {
  const totals = { calls: 5000, inputTokens: 100, cachedTokens: 50, outputTokens: 7, costMicroUsd: 9 };
  const plays = [
    { virtualMs: 1, calls: makeCalls(2) },
    { virtualMs: 2, calls, totals, measured: true },
  ];
  expect(playFigures(plays)).toMatchObject({ virtualMs: 2, calls: 5000, cachedShare: 0.5, costMicroUsd: 9 });
  expect(playFigures([])).toBeUndefined();
});

test('alerts name what got worse, newest first, and only of the learner', () => {
  const quiet = { plays: [] };
  const records = [
    makeRecord({ id: 'a', ...quiet }),
    makeRecord({ id: 'b', ...quiet, status: 'failed', metrics: [makeMetric({ yours: 6000 })] }),
    makeRecord({ id: 'c', subject: 'before', status: 'failed' }),
    makeRecord({ id: 'd', ...quiet, lab: 'day1.2', status: 'error', message: 'it does not parse' }),
  ];
  expect(alertsOf(records).map(({ record, level, text }) => [record, level, text])).toEqual([
    ['d', 'problem', 'it could not be graded: it does not parse'],
    ['b', 'warning', 'makespan went from 3 s to 6 s, 100 % worse.'],
    ['b', 'problem', 'it passed before and fails now.'],
  ]);
});

test('an alert about a file names the file, without its folders', () => {
  const record = makeRecord({ subject: 'solutions/day1-latency/1-fan-out/right/slow.ts', status: 'error' });
  expect(alertsOf([record])[0]).toMatchObject({ lab: 'day1.1', subject: 'slow.ts' });
});

test('a higher figure is no alert where higher is better; many 429s are one', () => {
  const rate = (yours: number) => makeMetric({ name: 'hit rate', better: 'higher', yours });
  const better = [
    makeRecord({ plays: [], metrics: [rate(0.2)] }),
    makeRecord({ plays: [], metrics: [rate(0.9)] }),
  ];
  expect(alertsOf(better)).toEqual([]);
  const twice = [makeRecord(), makeRecord()];
  expect(alertsOf(twice).map(({ text }) => text)).toEqual(['20 % of the calls were refused with 429.']);
});

test('a view survives the way through the address, and nonsense in it is ignored', () => {
  const view = {
    ...viewFrom(''),
    ...{ lab: 'day3.2', run: 'r1', windowMs: 60_000, metric: 'hit rate, Zipf', speed: 60 },
    ...{
      panels: ['cost' as const, 'history' as const],
      tables: ['cost' as const],
      measure: 'calls' as const,
    },
  };
  expect(viewFrom(hashOf(view))).toEqual(view);
  expect(viewFrom(hashOf({ ...view, panels: [] })).panels).toEqual([]);
  expect(viewFrom('#window=7&speed=x&measure=toString&panels=cost,none')).toEqual({
    ...viewFrom(''),
    panels: ['cost'],
  });
});
