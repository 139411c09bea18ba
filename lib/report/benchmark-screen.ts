import { basename } from 'node:path';
import type { Metric } from '../check/session.ts';
import { inWords, type Unit } from '../provider/metrics.ts';
import { type PlayFigures, playFigures } from '../workbook/play-figures.ts';
import type { Verdict } from '../workbook/verdict.ts';
import type { Style } from './style.ts';
import { columns, wrap } from './text.ts';

/** What a check keeps under this name in its data: several strategies that it has measured with one subject. */
interface Compared {
  title: string;
  unit: Unit;
  values: Record<string, number>;
}

/** One lab with the strategies that were measured on it. */
export interface BenchmarkedLab {
  id: string;
  title: string;
  verdicts: Verdict[];
}

/** The strategies of one lab side by side: a row a figure, a column a strategy, a bar for each multiple of before. */
export function benchmarkScreen({ id, title, verdicts }: BenchmarkedLab, style: Style): string {
  const rows = [...commonRows(verdicts), ...ownRows(verdicts), ...comparedRows(verdicts)];
  const head = style.paint('bold', `${id} ${title}`);
  const ungraded = verdicts.flatMap(({ subject, status, message }) =>
    status === 'error' ? [wrap(`${subject} could not be measured: ${message}`, style.width, '  ')] : [],
  );
  if (rows.length === 0) return [head, ...ungraded, '  It has no figures to compare.'].join('\n');
  const names = verdicts.map(({ subject }) => shortName(subject));
  const titles = ['', ...names].map((name) => style.paint('dim', name));
  const cells = rows.map(({ name, values, unit }) => [
    name,
    ...values.map((value) => (value === null ? '-' : inWords(value, unit))),
  ]);
  const table = columns([titles, ...cells], [false, ...names.map(() => true)]).map((line) => `  ${line}`);
  const drawn = [...ownRows(verdicts), ...commonRows(verdicts).filter(({ name }) => CHARTED.includes(name))];
  return [
    head,
    ...ungraded,
    ...table,
    ...ofWhat(verdicts, style),
    ...chart(drawn, names, style),
    ...comparedCharts(verdicts, style),
  ].join('\n');
}

/** The same as data. */
export function benchmarkJson(labs: readonly BenchmarkedLab[], seed: number): object {
  return {
    version: 1,
    seed,
    labs: labs.map(({ id, title, verdicts }) => ({
      id,
      title,
      subjects: verdicts.map(({ subject, status, message, metrics, plays, data }) => ({
        ...{ subject, status, message: status === 'error' ? message : null },
        figures: playFigures(plays) ?? null,
        metrics: metrics.map(({ name, unit, better, yours, target, limit }) => ({
          ...{ name, unit, better, value: yours, target, limit },
        })),
        ...(data && { data }),
      })),
    })),
  };
}

/** A path by its file's name alone: columns are narrow. */
function shortName(subject: string): string {
  return basename(subject, '.ts');
}

// --- helpers -----------------------------------------------------------------------------------------------------

interface Row {
  name: string;
  unit: Unit;
  /** By strategy. */
  values: (number | null)[];
}

const COMMON: [keyof PlayFigures, string, Unit][] = [
  ['virtualMs', 'total time', 'ms'],
  ['p50Ms', 'p50 latency', 'ms'],
  ['p95Ms', 'p95 latency', 'ms'],
  ['firstTokenMs', 'time to first token', 'ms'],
  ['calls', 'calls', 'count'],
  ['unanswered', 'calls without an answer', 'count'],
  ['inputTokens', 'input tokens', 'count'],
  ['cachedShare', 'of them cached', 'share'],
  ['outputTokens', 'output tokens', 'count'],
  ['costMicroUsd', 'cost', 'microUsd'],
];

/** What all labs that make calls can be compared by. */
function commonRows(verdicts: readonly Verdict[]): Row[] {
  const figures = verdicts.map(({ plays }) => playFigures(plays));
  return COMMON.flatMap(([key, name, unit]): Row[] => {
    const values = figures.map((each) => each?.[key] ?? null);
    return values.every((value) => value === null) ? [] : [{ name, unit, values }];
  });
}

/** Where a lab has several plays, which of them the common figures are taken from. */
function ofWhat(verdicts: readonly Verdict[], style: Style): string[] {
  const most = Math.max(0, ...verdicts.map(({ plays }) => plays.filter(({ measured }) => measured).length));
  if (most < 2) return [];
  const words = `Total time to cost: of the first of ${most} plays. The lab's own figures are of all.`;
  return [style.paint('dim', `  ${words}`)];
}

/** The lab's own figures. */
function ownRows(verdicts: readonly Verdict[]): Row[] {
  const byName = new Map<string, Metric>();
  for (const { metrics } of verdicts) for (const metric of metrics) byName.set(metric.name, metric);
  const values = (name: string) =>
    verdicts.map(({ metrics }) => metrics.find((metric) => metric.name === name)?.yours ?? null);
  return [...byName.values()].map(({ name, unit }) => ({ name, unit, values: values(name) }));
}

function comparedIn({ data }: Verdict): Compared | undefined {
  return data?.compared as Compared | undefined;
}

/** A row for each strategy that the lab itself compares. */
function comparedRows(verdicts: readonly Verdict[]): Row[] {
  const compared = verdicts.map(comparedIn);
  const [first] = compared.filter((each) => each !== undefined);
  return Object.keys(first?.values ?? {}).map((name) => ({
    name: `${first?.title}: ${name}`,
    unit: first?.unit ?? 'count',
    values: compared.map((each) => each?.values[name] ?? null),
  }));
}

/** Common figures that are drawn besides the lab's own. */
const CHARTED = ['total time', 'p95 latency', 'time to first token', 'cost'];
const BAR_WIDTH = 30;
/** Strategies that differ by less look the same as bars. */
const WORTH_DRAWING = 0.05;

/** The figures by which the strategies differ, each as bars under each other. */
function chart(rows: readonly Row[], names: readonly string[], style: Style): string[] {
  const charts = rows.flatMap(({ name, values, unit }) => bars(name, names, values, unit, style));
  return charts.length > 0 ? ['', ...charts] : [];
}

/** The strategies that the lab compares, as bars for each subject. */
function comparedCharts(verdicts: readonly Verdict[], style: Style): string[] {
  return verdicts.flatMap((verdict) => {
    const compared = comparedIn(verdict);
    if (!compared) return [];
    const { title, unit, values } = compared;
    const name = `${title}, ${shortName(verdict.subject)}`;
    return bars(name, Object.keys(values), Object.values(values), unit, style);
  });
}

/** Nothing where all are the same, or where bars would only be read out loud. */
function bars(
  title: string,
  names: readonly string[],
  values: readonly (number | null)[],
  unit: Unit,
  style: Style,
): string[] {
  const known = values.map((value) => value ?? 0);
  const most = Math.max(...known);
  if (style.plain || names.length < 2 || most <= 0) return [];
  if (Math.min(...known) > most * (1 - WORTH_DRAWING)) return [];
  const width = Math.max(...names.map((name) => name.length));
  const lines = values.map((value, at) => {
    const filled = Math.round(((value ?? 0) / most) * BAR_WIDTH);
    const words = value === null ? 'not measured' : inWords(value, unit);
    return `    ${(names[at] ?? '').padEnd(width)}  ${style.paint('cyan', '█'.repeat(filled))} ${words}`;
  });
  return [style.paint('dim', `  ${title}`), ...lines];
}
