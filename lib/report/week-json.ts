import type { Week, WeekBest } from '../workbook/week.ts';
import type { CapstoneFigures, Figure } from '../workbook/week-capstone.ts';
import type { WeekLab } from '../workbook/week-lab.ts';
import { REFLECTION_FILE } from '../workbook/week-reflection.ts';

/** What `report --json` prints: the four objects of the exercise under their own names, then all else. */
export function weekJson(week: Week): object {
  const { capstone, workbookVersion, at, next, days, personalBest, certificate, deliverables } = week;
  return {
    ...{ version: 1, workbookVersion, at, seed: capstone?.seed ?? null },
    optimization_results: capstone ? optimizationResults(capstone) : null,
    performance_metrics: capstone ? performanceMetrics(capstone) : null,
    optimizations_applied: capstone?.applied ?? null,
    recommendations: week.recommendations?.map(({ advice, reason }) => `${advice}. ${reason}`) ?? null,
    next: next ?? null,
    ablation: capstone?.ablation ? ablationJson(capstone.ablation) : null,
    gates: capstone?.gates ?? null,
    personalBest: personalBest && bestJson(personalBest),
    labs: days.flatMap(({ labs }) => labs.map(labJson)),
    quizzes: days.flatMap(({ id, title, quiz }) => (quiz ? [{ day: id, title, ...quiz }] : [])),
    reviews: days.flatMap(({ id, title, review }) => (review ? [{ day: id, title, ...review }] : [])),
    deliverables,
    reflection: { file: REFLECTION_FILE, questions: week.reflection },
    certificate,
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function optimizationResults(capstone: CapstoneFigures): object {
  const { costReduction, speedImprovement, cacheHitRate, apiCallsSaved, moneySavedMicroUsd } = capstone;
  return {
    ...withInterval('cost_reduction', costReduction, percent),
    ...withInterval('speed_improvement', speedImprovement, times),
    ...withInterval('cache_hit_rate', cacheHitRate, percent),
    ...withInterval('api_calls_saved', apiCallsSaved, Math.round),
    ...withInterval('money_saved', moneySavedMicroUsd, dollars),
  };
}

function performanceMetrics(capstone: CapstoneFigures): object {
  const { avgResponseMs, p95ResponseMs, requestsPerMinute, errorShare } = capstone;
  return {
    ...withInterval('avg_response_time', avgResponseMs, Math.round),
    ...withInterval('p95_response_time', p95ResponseMs, Math.round),
    ...withInterval('throughput', requestsPerMinute, (value) => `${rounded(value, 1)} req/min`),
    ...withInterval('error_rate', errorShare, (value) => rounded(value, 5)),
  };
}

/** The figure under its name, and beside it, under `…_interval`, where it lies with 95 % confidence. */
function withInterval(name: string, figure: Figure | null, say: (value: number) => string | number): object {
  if (!figure) return { [name]: null };
  const { value, low, high } = figure;
  const bounded = low !== undefined && high !== undefined;
  return {
    [name]: say(value),
    ...(bounded && { [`${name}_interval`]: { low: say(low), high: say(high) } }),
  };
}

function ablationJson({
  allOn,
  allOff,
  contributions,
  sum,
  product,
  measured,
}: NonNullable<CapstoneFigures['ablation']>): object {
  return {
    rows: [allOn, ...contributions, ...(allOff ? [allOff] : [])],
    savings: { sum, product, measured },
  };
}

function bestJson({ best, reference, limit, seed, at, attempts }: WeekBest): object {
  return { score: best, reference, limit, seed, at, attempts };
}

function labJson({
  id,
  title,
  lane,
  status,
  editedSince,
  attempts,
  hints,
  solution,
  measured,
}: WeekLab): object {
  return {
    ...{ id, title, lane, status, editedSince, attempts },
    ...{ hints: hints.seen, hintsOf: hints.of, solution },
    ...{ seed: measured?.seed ?? null, measuredAt: measured?.at ?? null },
    ...{ metricsPassed: measured?.passed ?? null, metrics: measured?.metrics ?? [] },
  };
}

function percent(value: number): string {
  return `${rounded(value * 100, 1)}%`;
}

function times(value: number): string {
  return `${rounded(value, 2)}x`;
}

/** Cents are too coarse for a small day. */
function dollars(microUsd: number): string {
  const usd = microUsd / 1e6;
  return `${usd < 0 ? '-' : ''}$${Math.abs(usd).toFixed(Math.abs(usd) < 1 ? 4 : 2)}`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
