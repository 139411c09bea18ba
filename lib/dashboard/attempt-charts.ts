import { inWords, reached } from '../provider/metrics.ts';
import { percentile } from '../provider/stats.ts';
import { type PlayFigures, playFigures } from '../workbook/play-figures.ts';
import type { RunRecord } from '../workbook/runs.ts';
import { BARS_OF_A_GROUP, type ChartData, type Series } from './panel-data.ts';

/** The attempts at a lab that have figures, oldest first. */
export function attempts(records: readonly RunRecord[], lab: string, subject: string): RunRecord[] {
  return records.filter(
    (record) => record.lab === lab && record.subject === subject && record.metrics.length > 0,
  );
}

/** Names of the figures that any of the attempts has. */
export function metricNames(tries: readonly RunRecord[]): string[] {
  return [...new Set(tries.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
}

/** How one figure of a lab went from attempt to attempt. */
export function historyChart(tries: readonly RunRecord[], name: string): ChartData | undefined {
  const rows = tries.map(({ metrics }) => metrics.find((metric) => metric.name === name));
  const last = rows.findLast((row) => row !== undefined);
  if (!last) return undefined;
  const xs = tries.map((_, at) => at + 1);
  const verdict = reached({ ...last, value: last.yours }) ? 'reached' : 'not reached';
  return {
    ...{ xName: 'Attempt', xs, range: [0.5, tries.length + 0.5] as const, unit: last.unit, shape: 'line' },
    xWords: (x) => (Number.isInteger(x) ? `#${x}` : ''),
    series: [
      { name: 'this subject', values: rows.map((row) => row?.yours ?? null) },
      { name: 'before', values: rows.map((row) => row?.before ?? null) },
      { name: 'target', values: rows.map((row) => row?.target ?? null) },
      { name: 'limit', values: rows.map((row) => row?.limit ?? null) },
    ],
    summary: `${tries.length === 1 ? '1 attempt' : `${tries.length} attempts`}; ${name} is ${inWords(last.yours, last.unit)} now, target ${inWords(last.target, last.unit)}: ${verdict}.`,
  };
}

/** What benchmarks can be compared by across labs. */
export const MEASURES = {
  virtualMs: 'total time',
  p95Ms: 'p95 latency',
  firstTokenMs: 'time to first token',
  costMicroUsd: 'cost',
  inputTokens: 'input tokens',
  calls: 'calls',
} as const satisfies Partial<Record<keyof PlayFigures, string>>;

export type Measure = keyof typeof MEASURES;

/** Places on the axis that a lab takes: one for each bar, and a gap. */
const SLOTS = BARS_OF_A_GROUP + 1;
const SUBJECTS = ['before', 'yours', 'solution'] as const;

/** The last benchmark of each strategy in each lab, as a multiple of the naive version. */
export function benchmarkChart(records: readonly RunRecord[], measure: Measure): ChartData | undefined {
  const latest = new Map(
    records.flatMap((each) => (each.command === 'benchmark' ? [[`${each.lab} ${each.subject}`, each]] : [])),
  );
  const value = (lab: string, subject: string): number | null =>
    playFigures(latest.get(`${lab} ${subject}`)?.plays ?? [])?.[measure] ?? null;
  const labs = [...new Set([...latest.values()].map(({ lab }) => lab))]
    .filter((lab) => (value(lab, 'before') ?? 0) > 0)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (labs.length === 0) return undefined;
  const xs = labs.flatMap((_, at) => SUBJECTS.map((_, slot) => at * SLOTS + slot));
  const ratio = (lab: string, subject: string) => {
    const [own, before] = [value(lab, subject), value(lab, 'before')];
    return own === null || before === null ? null : own / before;
  };
  const series = SUBJECTS.map((name) => ({
    name,
    values: labs.flatMap((lab) => SUBJECTS.map((slot) => (slot === name ? ratio(lab, name) : null))),
  })).filter(({ values }) => values.some((each) => each !== null));
  const words = labs.map(
    (lab) =>
      `${lab} ${series
        .filter(({ name }) => name !== 'before')
        .map(({ name }) => `${name} ${said(ratio(lab, name))}`)
        .join(', ')}`,
  );
  return {
    ...{
      xName: 'Lab',
      xs,
      range: [-1, labs.length * SLOTS - 1] as const,
      unit: 'ratio',
      shape: 'bars',
      series,
    },
    xWords: (x) => (x % SLOTS === 1 ? (labs[(x - 1) / SLOTS] ?? '') : ''),
    summary: `As a multiple of the ${MEASURES[measure]} of the version before: ${labs.length > MOST_IN_WORDS ? shortly(series) : words.join('; ')}.`,
  };
}

/** More labs than that are summed up. */
const MOST_IN_WORDS = 8;

function shortly(series: readonly Series[]): string {
  const words = series.flatMap(({ name, values }) => {
    const ratios = values.filter((value) => value !== null);
    if (name === 'before' || ratios.length === 0) return [];
    const [least, middle, most] = [0, 50, 100].map((p) => said(percentile(ratios, p)));
    return [`${name} ${least} to ${most}, median ${middle}`];
  });
  return `${words.join('; ')}. The table has every lab, and a lab chosen above stands alone`;
}

function said(ratio: number | null): string {
  return ratio === null ? 'not measured' : inWords(ratio, 'ratio');
}
