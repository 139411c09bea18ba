import type { WeekChart } from '../workbook/week-charts.ts';
import type { ChartData } from './panel-data.ts';

/** A chart of the week as it is drawn. Bars of a group stand side by side, with a gap after them. */
export function weekChartData({ shape, labels, unit, series }: WeekChart): ChartData {
  if (shape === 'line') {
    const xs = labels.map((_, at) => at + 1);
    return {
      ...{ xName: 'Attempt', xs, range: [0.5, labels.length + 0.5], unit, shape, series, summary: '' },
      xWords: (x) => labels[x - 1] ?? '',
    };
  }
  const slots = series.length + 1;
  const named = Math.floor((series.length - 1) / 2);
  return {
    ...{ xName: '', unit, shape, summary: '', range: [-1, labels.length * slots - 1] },
    xs: labels.flatMap((_, group) => series.map((_, slot) => group * slots + slot)),
    xWords: (x) => (x % slots === named ? (labels[Math.floor(x / slots)] ?? '') : ''),
    series: series.map(({ name, values }, own) => ({
      name,
      values: values.flatMap((value) => series.map((_, slot) => (slot === own ? value : null))),
    })),
  };
}
