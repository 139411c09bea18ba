import type { Metric } from '../check/session.ts';
import { labProgress, type Measured, type Progress } from './progress.ts';
import type { RunRecord } from './runs.ts';
import type { Verdict } from './verdict.ts';

/** Keeps what was measured of the learner's file: of its last pass, or of its last try as long as none has passed. */
export function recordMeasured(
  progress: Progress,
  key: string,
  { status, seed, metrics, data }: Pick<Verdict, 'status' | 'seed' | 'metrics' | 'data'>,
  at: Date,
): void {
  const entry = labProgress(progress, key);
  const passed = status === 'passed';
  if (!passed && (metrics.length === 0 || entry.measured?.passed)) return;
  entry.measured = { at: at.toISOString(), seed, passed, metrics, ...(data && isSmall(data) && { data }) };
}

/**
 * What was measured of the learner's file in a lab. The file of runs is asked where the progress is older than this
 * memory; its own memory is shorter, because it drops its older half when it gets long.
 */
export function measuredOf(
  progress: Progress,
  lab: { id: string; key: string },
  records: readonly RunRecord[],
): Measured | undefined {
  const kept = progress.labs[lab.key]?.measured;
  if (isMeasured(kept)) return { ...kept, metrics: kept.metrics.filter(isMetric) };
  const tries = records.filter(
    (each) =>
      each.lab === lab.id && each.subject === 'yours' && each.command === 'check' && each.metrics.length > 0,
  );
  const record = tries.findLast(({ status }) => status === 'passed') ?? tries.at(-1);
  if (!record) return undefined;
  const { at, seed, status, metrics, data } = record;
  return { at, seed, passed: status === 'passed', metrics: metrics.filter(isMetric), ...(data && { data }) };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** The progress is rewritten with every hint, so it must stay small. */
const MOST_DATA_CHARS = 100_000;

function isSmall(data: Record<string, unknown>): boolean {
  return JSON.stringify(data).length <= MOST_DATA_CHARS;
}

function isMeasured(value: unknown): value is Measured {
  const { at, seed, metrics } = (value ?? {}) as Partial<Measured>;
  return typeof at === 'string' && typeof seed === 'number' && Array.isArray(metrics);
}

/** JSON has no endless numbers: they come back as null. */
function isMetric(value: unknown): value is Metric {
  const { name, unit, yours, target } = (value ?? {}) as Partial<Metric>;
  return typeof name === 'string' && typeof unit === 'string' && [yours, target].every(Number.isFinite);
}
