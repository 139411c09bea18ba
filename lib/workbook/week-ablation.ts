/** What one optimisation brings: the same traffic with all of them on, and with this one off. */
export interface Contribution {
  optimization: string;
  /** The figures without it. What was not measured is null. */
  costMicroUsd: number;
  p95Ms: number | null;
  p95TtftMs: number | null;
  hitRate: number | null;
  qualityShare: number | null;
  /** Share of the cost without it that it saves; below zero where it costs. */
  saving: number;
  /** Whether anything is clearly worse without it. */
  contributes: boolean;
}

export interface Ablation {
  allOn: AblationRow;
  allOff: AblationRow | null;
  contributions: Contribution[];
  /** The savings added up, and multiplied as shares of what the others leave. */
  sum: number;
  product: number;
  /** What all of them save together; null where nobody measured the traffic without any. */
  measured: number | null;
}

export interface AblationRow {
  optimization: string;
  costMicroUsd: number;
  p95Ms: number | null;
  p95TtftMs: number | null;
  hitRate: number | null;
  qualityShare: number | null;
}

/** Reads the rows that the capstone recorded: each is the same traffic with one optimisation switched off. */
export function readAblation(recorded: unknown): Ablation | null {
  const rows = Array.isArray(recorded) ? recorded.flatMap((row) => readRow(row) ?? []) : [];
  const named = (name: string) => rows.find(({ optimization }) => optimization === name);
  const allOn = named(ALL_ON);
  if (!allOn) return null;
  const allOff = named(ALL_OFF) ?? null;
  const contributions = rows
    .filter((row) => row !== allOn && row !== allOff)
    .map((row) => contribution(row, allOn))
    .sort((a, b) => b.saving - a.saving);
  const savings = contributions.map(({ saving }) => saving);
  return {
    ...{ allOn, allOff, contributions },
    sum: savings.reduce((sum, each) => sum + each, 0),
    product: 1 - savings.reduce((left, each) => left * (1 - each), 1),
    measured: allOff && allOff.costMicroUsd > 0 ? 1 - allOn.costMicroUsd / allOff.costMicroUsd : null,
  };
}

/** What is clearly worse. Costs are exact; times and shares are those of a sample. */
const DEARER = 0.001;
const SLOWER = 0.01;
const FEWER = 0.005;

// --- helpers -----------------------------------------------------------------------------------------------------

const ALL_ON = 'all on';
const ALL_OFF = 'all off';

function contribution(without: AblationRow, allOn: AblationRow): Contribution {
  const saving = without.costMicroUsd > 0 ? 1 - allOn.costMicroUsd / without.costMicroUsd : 0;
  const lost = (now: number | null, then: number | null) => (now === null || then === null ? 0 : now - then);
  const slower = (now: number | null, then: number | null) => (then ? lost(now, then) / then : 0);
  const contributes =
    saving >= DEARER ||
    slower(without.p95Ms, allOn.p95Ms) >= SLOWER ||
    slower(without.p95TtftMs, allOn.p95TtftMs) >= SLOWER ||
    lost(allOn.hitRate, without.hitRate) >= FEWER ||
    lost(allOn.qualityShare, without.qualityShare) >= FEWER;
  return { ...without, saving, contributes };
}

function readRow(row: unknown): AblationRow | undefined {
  const given = (row ?? {}) as Record<string, unknown>;
  const { optimization, costMicroUsd } = given;
  if (typeof optimization !== 'string' || !isNumber(costMicroUsd)) return undefined;
  const known = (name: string) => (isNumber(given[name]) ? given[name] : null);
  return {
    ...{ optimization, costMicroUsd, p95Ms: known('p95Ms'), p95TtftMs: known('p95TtftMs') },
    ...{ hitRate: known('hitRate'), qualityShare: known('qualityShare') },
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
