import uPlot from 'uplot';
import { inWords } from '../../provider/metrics.ts';
import type { ChartData } from '../panel-data.ts';

/** A drawn chart that takes new data. */
export interface Chart {
  draw(data: ChartData): void;
  /** Draws anew, with the colours of the moment. */
  restyle(): void;
}

const HEIGHT_PX = 200;
/** Lines differ in their dashes too, for eyes that do not tell the colours apart. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const MARKERS = ['solid', 'dashed', 'dotted', 'double'];

export function createChart(place: HTMLElement): Chart {
  let plot: uPlot | undefined;
  let shown: ChartData | undefined;
  let shape = '';
  new ResizeObserver(() => plot?.setSize(sizeOf(place))).observe(place);
  const chart: Chart = {
    draw(data) {
      shown = data;
      const wanted = `${data.shape} ${data.unit} ${data.series.map(({ name }) => name).join()}`;
      if (plot && wanted === shape) return plot.setData(aligned(data));
      plot?.destroy();
      shape = wanted;
      plot = new uPlot(
        options(place, data, () => shown ?? data),
        aligned(data),
        place,
      );
    },
    restyle() {
      shape = '';
      if (shown) chart.draw(shown);
    },
  };
  return chart;
}

/** A value of a chart as a person would say it. */
export function valueWords(value: number | null | undefined, unit: ChartData['unit']): string {
  if (value === null || value === undefined) return '';
  if (value === 0 && (unit === 'usdPerHour' || unit === 'usd' || unit === 'microUsd')) return '$0';
  return unit === 'usdPerHour' ? `${inWords(value, 'usd')}/h` : inWords(value, unit);
}

// --- helpers -----------------------------------------------------------------------------------------------------

function options(place: HTMLElement, first: ChartData, now: () => ChartData): uPlot.Options {
  const colour = (name: string) => getComputedStyle(place).getPropertyValue(name).trim();
  // The name of the panel says what is counted; a long word would not fit beside the axis.
  const axisUnit = first.unit === 'tokens' || first.unit === 'calls' ? 'count' : first.unit;
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    ...{ ...sizeOf(place), padding: [12, 20, 0, 0] },
    cursor: { drag: { x: false, y: false } },
    legend: {
      markers: { dash: (_, at) => (first.shape !== 'bars' && MARKERS[at - 1]) || 'solid', width: 3 },
    },
    scales: {
      x: { time: false, range: () => [...now().range] as [number, number] },
      y: { range: () => [0, highest(now()) * 1.1 || 1] },
    },
    axes: [
      {
        ...{ ...axis, ...xSplits(first, now), size: 28 },
        ...{
          label: first.xName || undefined,
          labelSize: 20,
          labelFont: '12px system-ui, sans-serif',
          font: '12px system-ui, sans-serif',
        },
        values: (_, xs) => xs.map((x) => now().xWords(x)),
      },
      {
        ...{ ...axis, size: 78, values: (_, values) => values.map((value) => valueWords(value, axisUnit)) },
        ...(first.shape === 'steps' && axisUnit === 'count' && { incrs: COUNT_STEPS }),
      },
    ],
    series: [
      { label: first.xName, value: (_, x) => (x === null ? '' : now().xWords(x)) },
      ...first.series.map(({ name }, at) => ({
        label: name,
        stroke: colour(`--series-${at + 1}`),
        ...(first.shape === 'bars' && { fill: colour(`--series-${at + 1}`) }),
        width: 2,
        dash: first.shape === 'bars' ? [] : (DASHES[at] ?? []),
        spanGaps: first.shape === 'line',
        ...paths(first.shape),
        points: { show: first.shape === 'line', size: 5 },
        value: (_: uPlot, value: number | null) => valueWords(value, first.unit),
      })),
    ],
  };
}

function paths(shape: ChartData['shape']): Pick<uPlot.Series, 'paths'> {
  if (shape === 'steps' && uPlot.paths.stepped) return { paths: uPlot.paths.stepped({ align: 1 }) };
  if (shape === 'bars' && uPlot.paths.bars) return { paths: uPlot.paths.bars({ size: [0.9, 40] }) };
  return {};
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** There is no half of an error. */
const COUNT_STEPS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((many) => [
  many,
  2 * many,
  5 * many,
]);

/** Steps at which a time is a round number in the unit that it is said in. */
const TIME_STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((many) => many * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((many) => many * MINUTE),
  ...[1, 2, 6, 12, 24, 48, 168, 720, 2160, 8760].map((many) => many * HOUR),
];

/** Attempts are whole numbers; groups of bars are named under their middle. */
function xSplits(first: ChartData, now: () => ChartData): Pick<uPlot.Axis, 'splits' | 'incrs' | 'space'> {
  if (first.shape === 'bars') return { splits: (plot) => named(now(), plot.width) };
  if (first.xName === 'Attempt') return { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], space: 36 };
  return { incrs: TIME_STEPS_MS, space: 64 };
}

/** The groups whose names have room beside each other: all, or every second one, or every third … */
function named({ xs, xWords }: ChartData, widthPx: number): number[] {
  const groups = xs.filter((x) => xWords(x) !== '');
  const namePx = SPACE_PX + SIGN_PX * Math.max(1, ...groups.map((x) => xWords(x).length));
  const room = Math.max(1, Math.floor((widthPx - BESIDE_PX) / namePx));
  const step = Math.ceil(groups.length / room);
  return groups.filter((_, at) => at % step === 0);
}

/** What the axis of values takes, the space around a name, and a sign of it. */
const BESIDE_PX = 98;
const SPACE_PX = 10;
const SIGN_PX = 6;

function highest({ series }: ChartData): number {
  return Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
}

function aligned({ xs, series }: ChartData): uPlot.AlignedData {
  return [xs, ...series.map(({ values }) => values)];
}

/** A page may ask for another height by its styles. */
function sizeOf(place: HTMLElement): { width: number; height: number } {
  const asked = Number.parseInt(getComputedStyle(place).getPropertyValue('--chart-height'), 10);
  return { width: Math.max(200, place.clientWidth), height: asked || HEIGHT_PX };
}
