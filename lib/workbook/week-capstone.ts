import type { Metric } from '../check/session.ts';
import type { Unit } from '../provider/metrics.ts';
import type { Measured } from './progress.ts';
import { type Ablation, readAblation } from './week-ablation.ts';
import { allLabs, type Lab, type Workbook } from './workbook.ts';

/** A measured figure. Low and high are where it lies with 95 % confidence, where that was measured too. */
export interface Figure {
  value: number;
  low?: number;
  high?: number;
}

/** What the passed capstone measured. A figure that it did not measure is null. */
export interface CapstoneFigures {
  at: string;
  seed: number;
  metrics: Metric[];
  /** Share of the naive day's cost that was saved. */
  costReduction: Figure | null;
  /** Mean time of the naive day's answers as a multiple of yours. */
  speedImprovement: Figure | null;
  cacheHitRate: Figure | null;
  apiCallsSaved: Figure | null;
  moneySavedMicroUsd: Figure | null;
  avgResponseMs: Figure | null;
  p95ResponseMs: Figure | null;
  requestsPerMinute: Figure | null;
  errorShare: Figure | null;
  ablation: Ablation | null;
  /** Names of the optimisations without which something is clearly worse. */
  applied: string[] | null;
  gates: Gate[];
}

export interface Gate {
  gate: string;
  value: string | number | null;
  target: string | number | null;
  unit?: Unit;
  passed: boolean;
}

/** The lab that brings the week together, in a workbook that has it. */
export function capstoneOf(workbook: Workbook): Lab | undefined {
  return allLabs(workbook).find(({ slug }) => slug.endsWith('contentflow'));
}

/** Reads what the capstone's check measured and recorded. Nothing is made up for what is missing. */
export function readCapstone({ at, seed, metrics, data = {} }: Measured): CapstoneFigures {
  const figures = (data.figures ?? {}) as Record<string, unknown>;
  const metric = (name: string) => metrics.find((each) => each.name === name);
  const figure = (name: string, figureName: string) =>
    surer(ofMetric(metric(name)), readFigure(figures[figureName]));
  const ablation = readAblation(data.ablation);
  return {
    ...{ at, seed, metrics, ablation },
    costReduction: readFigure(figures.costReduction) ?? reduction(metric('total cost')),
    speedImprovement: readFigure(figures.speedImprovement) ?? multiple(metric('mean end to end')),
    cacheHitRate: figure('hit rate', 'hitRate'),
    apiCallsSaved: difference(readFigure(figures.callsBefore), readFigure(figures.callsYours)),
    moneySavedMicroUsd: readFigure(figures.moneySavedMicroUsd),
    avgResponseMs: figure('mean end to end', 'meanEndToEnd'),
    p95ResponseMs: figure('p95 end to end', 'p95EndToEnd'),
    requestsPerMinute: figure('throughput', 'throughput'),
    errorShare: figure('errors', 'errors'),
    applied: ablation
      ? ablation.contributions.flatMap((each) => (each.contributes ? [each.optimization] : []))
      : null,
    gates: readGates(data.gates),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function ofMetric(metric: Metric | undefined): Figure | null {
  return metric ? { value: metric.yours, ...metric.interval } : null;
}

/** The first of two tellings of a figure, unless only the second has bounds. */
function surer(first: Figure | null, second: Figure | null): Figure | null {
  if (!first || !second) return first ?? second;
  return first.low === undefined && second.low !== undefined ? second : first;
}

/** Without an interval: how sure the naive day's cost is, is not known here. */
function reduction(cost: Metric | undefined): Figure | null {
  return cost?.before ? { value: 1 - cost.yours / cost.before } : null;
}

function multiple(time: Metric | undefined): Figure | null {
  return time?.before && time.yours > 0 ? { value: time.before / time.yours } : null;
}

/** Both counts are exact. */
function difference(before: Figure | null, yours: Figure | null): Figure | null {
  return before && yours ? { value: before.value - yours.value } : null;
}

/** A bare number, or one with its bounds. */
function readFigure(recorded: unknown): Figure | null {
  if (isNumber(recorded)) return { value: recorded };
  const { value, low, high } = (recorded ?? {}) as Record<string, unknown>;
  if (!isNumber(value)) return null;
  return isNumber(low) && isNumber(high) ? { value, low, high } : { value };
}

function readGates(recorded: unknown): Gate[] {
  if (!Array.isArray(recorded)) return [];
  return recorded.flatMap((row): Gate[] => {
    const { gate, value, target, unit, passed } = (row ?? {}) as Record<string, unknown>;
    if (typeof gate !== 'string') return [];
    const word = (each: unknown) => (typeof each === 'string' || isNumber(each) ? each : null);
    const named = typeof unit === 'string' ? { unit: unit as Unit } : {};
    return [{ gate, value: word(value), target: word(target), ...named, passed: passed === true }];
  });
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
