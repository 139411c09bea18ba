import type { Unit } from '../provider/metrics.ts';

export const PANELS = {
  latency: 'Latency',
  cost: 'Cost per hour',
  hits: 'Prompt cache',
  errors: '429s and errors',
  tokens: 'Tokens',
  history: 'History over attempts',
  benchmark: 'Benchmark',
  alerts: 'Alerts',
} as const;

export type PanelName = keyof typeof PANELS;

/** Bars that are compared with each other: before, yours, solution. */
export const BARS_OF_A_GROUP = 3;

/** One line of a chart. A null is a gap: nothing happened there, which is not the same as zero. */
export interface Series {
  name: string;
  values: (number | null)[];
}

/** A chart and its table, ready to be drawn. */
export interface ChartData {
  xName: string;
  /** Moments, or the numbers of attempts or groups. */
  xs: number[];
  /** From where to where the axis goes. */
  range: readonly [number, number];
  /** What stands at an `x`, in words. */
  xWords: (x: number) => string;
  /** How values are said: "1.2 s". */
  unit: Unit | 'usdPerHour';
  shape: 'line' | 'steps' | 'bars';
  series: Series[];
  /** The chart in one sentence. */
  summary: string;
}
