import type { Metric } from '../check/session.ts';
import type { Unit } from '../provider/metrics.ts';
import type { Week, WeekBest } from './week.ts';
import type { Ablation } from './week-ablation.ts';

/** A chart of the week's page, as data: groups of bars, or lines over attempts. */
export interface WeekChart {
  /** The place on the page where it stands. */
  name: string;
  shape: 'bars' | 'line';
  /** What stands under a group of bars or a point. */
  labels: string[];
  unit: Unit;
  /** One value for each label; null where nobody measured it. */
  series: { name: string; values: (number | null)[] }[];
}

export function weekCharts({ days, capstone, personalBest }: Week): WeekChart[] {
  const labs = days.flatMap((day) => day.labs);
  return [
    ...labs.flatMap(({ id, measured }) =>
      measured && measured.metrics.length > 0 ? [labChart(id, measured.metrics)] : [],
    ),
    ...(capstone?.ablation ? [ablationChart(capstone.ablation)] : []),
    ...(personalBest ? [bestChart(personalBest)] : []),
  ];
}

/** What stands for a row of a table in the chart beside it, where its name is too long. */
export function letter(at: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + at);
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Figures have different units, so each is drawn as a share of the largest of its four. */
function labChart(id: string, metrics: readonly Metric[]): WeekChart {
  const shares = metrics.map(({ before, yours, target, limit }) => {
    const four = [before, yours, target, limit];
    const most = Math.max(...four.map((value) => value ?? 0));
    return four.map((value) => (value === null ? null : most > 0 ? value / most : 0));
  });
  const names = ['before', 'yours', 'target', 'limit'];
  return {
    ...{ name: `lab ${id}`, shape: 'bars', unit: 'share' },
    labels: metrics.map(({ name }, at) => (metrics.length > 1 ? letter(at) : name)),
    series: names.map((name, at) => ({ name, values: shares.map((four) => four[at] ?? null) })),
  };
}

function ablationChart({ allOn, contributions }: Ablation): WeekChart {
  const multiple = (value: number | null, of: number | null) => (value === null || !of ? null : value / of);
  return {
    ...{ name: 'ablation', shape: 'bars', unit: 'ratio' },
    labels: contributions.map((_, at) => letter(at)),
    series: [
      {
        name: 'cost',
        values: contributions.map((each) => multiple(each.costMicroUsd, allOn.costMicroUsd)),
      },
      { name: 'p95', values: contributions.map((each) => multiple(each.p95Ms, allOn.p95Ms)) },
      { name: 'p95 TTFT', values: contributions.map((each) => multiple(each.p95TtftMs, allOn.p95TtftMs)) },
    ],
  };
}

function bestChart({ attempts, reference, limit }: WeekBest): WeekChart {
  return {
    ...{ name: 'best', shape: 'line', unit: 'points' },
    labels: attempts.map((_, at) => `#${at + 1}`),
    series: [
      { name: 'score', values: attempts.map(({ score }) => score) },
      { name: 'reference', values: attempts.map(() => reference) },
      { name: 'limit', values: attempts.map(() => limit) },
    ],
  };
}
