import type { Metric } from '../check/session.ts';
import { inWords, inWordsApart, reached } from '../provider/metrics.ts';
import type { Style } from './style.ts';
import { columns, padEnd, widthOf } from './text.ts';

/** The figures of a lab: before, yours, target, limit, and for each a bar of yours beside before. */
export function metricsTable(metrics: readonly Metric[], style: Style, yours = 'yours'): string[] {
  if (metrics.length === 0) return [];
  const head = ['', 'before', yours, 'target', 'limit'].map((title) => style.paint('dim', title));
  const rows = metrics.map((metric) => row(metric, style));
  const table = columns([head, ...rows], [false, true, true, true, true]);
  if (style.plain || style.width < 76) return table;
  const [first = '', ...lines] = table;
  const wide = Math.max(...table.map(widthOf));
  const legend = style.paint('dim', `█ ${yours}  | target`);
  return [
    `${padEnd(first, wide)}  ${legend}`,
    ...lines.map((line, at) => `${padEnd(line, wide)}  ${bar(metrics[at] as Metric, style)}`),
  ];
}

/** One line that says it all: "makespan 2.94 s (target 3.52 s, limit 2.94 s)". */
export function metricSummary({ name, yours, target, limit, unit }: Metric): string {
  const bound = limit === null ? '' : `, limit ${inWords(limit, unit)}`;
  const [own, asked] = inWordsApart(yours, target, unit);
  return `${name} ${own} (target ${asked}${bound})`;
}

export function isReached(metric: Metric): boolean {
  return reached({ ...metric, value: metric.yours });
}

// --- helpers -----------------------------------------------------------------------------------------------------

const BAR_WIDTH = 16;

function row(metric: Metric, style: Style): string[] {
  const { name, unit, before, yours, target, limit } = metric;
  const words = (value: number | null) => (value === null ? '-' : inWords(value, unit));
  const reached = isReached(metric);
  const [own, asked] = reached ? [words(yours), words(target)] : inWordsApart(yours, target, unit);
  const colour = reached ? 'green' : 'red';
  return [
    name,
    words(before),
    style.paint(colour, own),
    asked,
    words(limit) + (metric.isBestKnown ? '*' : ''),
  ];
}

/** The largest of before, yours and target would fill the bar; a mark shows the target. */
function bar(metric: Metric, style: Style): string {
  const { before, yours, target } = metric;
  const most = Math.max(before ?? 0, yours, target);
  if (most <= 0) return '';
  const filled = Math.round((yours / most) * BAR_WIDTH);
  const mark = Math.min(BAR_WIDTH - 1, Math.round((target / most) * BAR_WIDTH));
  const cells = Array.from({ length: BAR_WIDTH }, (_, at) => (at === mark ? '|' : at < filled ? '█' : '·'));
  return style.paint(isReached(metric) ? 'green' : 'red', cells.join(''));
}
