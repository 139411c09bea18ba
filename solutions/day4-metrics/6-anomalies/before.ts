import type {
  CallSummary,
  Measured,
  Point,
  Recommendation,
} from '#course/day4-metrics/contracts/anomalies.ts';

/** Sees a series point by point, one every five minutes. */
export class Detector {
  // TODO: this rings every noon.
  /** An alert in words, or null. */
  add({ value }: Point): string | null {
    return value > 2000 ? `${Math.round(value)} is above 2000` : null;
  }
}

/** The names of what has become worse. */
export function regressions(all: Measured[]): string[] {
  return all
    .filter(({ current, baseline }) => (current[0] ?? 0) > (baseline[0] ?? 0))
    .map(({ name }) => name);
}

/** What is worth doing: at least a twentieth of the cost. */
export function recommend(calls: CallSummary[]): Recommendation[] {
  const total = calls.reduce((sum, call) => sum + call.costMicroUsd, 0);
  const hitRate = 1 - new Set(calls.map((call) => call.key)).size / calls.length;
  const beginWith = calls[0]?.key ?? '';
  return hitRate < 0.5 ? [{ type: 'caching', impactMicroUsd: total * 0.5, beginWith, confidence: 0.9 }] : [];
}
