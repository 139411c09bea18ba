import { inWords, type Unit } from '../provider/metrics.ts';
import type { Ablation, AblationRow } from '../workbook/week-ablation.ts';
import type { CapstoneFigures, Figure, Gate } from '../workbook/week-capstone.ts';
import type { WeekLab } from '../workbook/week-lab.ts';

/** One line of the week's results: what it is, how much, and where it lies with 95 % confidence. */
export interface ResultRow {
  name: string;
  words: string;
  /** Empty where there is none. */
  interval: string;
}

/** The rows of "optimization_results". A figure that was not measured says so. */
export function resultRows(capstone: CapstoneFigures): ResultRow[] {
  return [
    row('Cost reduction', capstone.costReduction, 'share'),
    row('Speed improvement', capstone.speedImprovement, 'ratio'),
    row('Cache hit rate', capstone.cacheHitRate, 'share'),
    row('Calls saved', capstone.apiCallsSaved, 'count'),
    row('Money saved', capstone.moneySavedMicroUsd, 'microUsd'),
  ];
}

/** The rows of "performance_metrics". */
export function performanceRows(capstone: CapstoneFigures): ResultRow[] {
  return [
    row('Mean response', capstone.avgResponseMs, 'ms'),
    row('p95 response', capstone.p95ResponseMs, 'ms'),
    row('Throughput', capstone.requestsPerMinute, 'perMin'),
    row('Errors', capstone.errorShare, 'share'),
  ];
}

/** "Their savings add up to 87 %, multiplied they come to 62 %, measured together they are 58 %." */
export function multiplySentence({ ablation }: CapstoneFigures): string {
  if (!ablation) return '';
  const share = (value: number) => inWords(value, 'share');
  const measured =
    ablation.measured === null
      ? ''
      : ` Against the same traffic with all of them off, ${share(ablation.measured)} was saved.`;
  return (
    `Savings multiply: each takes its share of what the others leave. Added up these would be ${share(ablation.sum)}, ` +
    `multiplied they are ${share(ablation.product)}.${measured}`
  );
}

/** The ablation as a table. `name` may mark an optimisation, so that it is found in a chart. */
export function ablationTable(
  { allOn, allOff, contributions }: Ablation,
  name = (optimization: string, _at: number) => optimization,
): { head: string[]; rows: string[][] } {
  return {
    head: ['Switched off', 'Cost', 'It saves', 'p95', 'p95 TTFT', 'Hit rate', 'Quality'],
    rows: [
      ablationCells(allOn, 'nothing', ''),
      ...contributions.map((row, at) =>
        ablationCells(row, name(row.optimization, at), inWords(row.saving, 'share')),
      ),
      ...(allOff ? [ablationCells(allOff, 'everything', '')] : []),
    ],
  };
}

/** "none" or "3 of 4". */
export function hintWords({ hints }: WeekLab): string {
  return hints.seen === 0 ? 'none' : `${hints.seen} of ${hints.of}`;
}

export function solutionWords({ solution }: WeekLab): string {
  if (!solution) return 'not opened';
  return solution.forced ? 'opened before an attempt' : 'opened after an attempt';
}

export function gateWords(value: Gate['value'], unit: Unit | undefined): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  return inWords(value, unit ?? 'count');
}

/** The day of a moment, the same in every time zone. */
export function dayWords(at: string): string {
  return at.slice(0, 10);
}

// --- helpers -----------------------------------------------------------------------------------------------------

function row(name: string, figure: Figure | null, unit: Unit): ResultRow {
  if (!figure) return { name, words: 'not measured', interval: '' };
  const { value, low, high } = figure;
  const bounded = low !== undefined && high !== undefined;
  return {
    ...{ name, words: inWords(value, unit) },
    interval: bounded ? `${inWords(low, unit)} to ${inWords(high, unit)}` : '',
  };
}

function ablationCells(row: AblationRow, off: string, saves: string): string[] {
  const words = (value: number | null, unit: Unit) => (value === null ? '–' : inWords(value, unit));
  return [
    off,
    inWords(row.costMicroUsd, 'microUsd'),
    saves,
    words(row.p95Ms, 'ms'),
    words(row.p95TtftMs, 'ms'),
    words(row.hitRate, 'share'),
    words(row.qualityShare, 'share'),
  ];
}
