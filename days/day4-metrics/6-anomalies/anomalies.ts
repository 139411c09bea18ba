export interface Point {
  atMs: number;
  value: number;
}

/** Sees a series point by point, one every five minutes. */
export class Detector {
  // TODO: one limit for day and night, and an alert for every point above it.
  /** An alert in words, or null. */
  add({ value }: Point): string | null {
    return value > 2000 ? `${Math.round(value)} is above 2000` : null;
  }
}

/** One figure of one segment, as repeated runs measured it. */
export interface Measured {
  name: string;
  better: 'lower' | 'higher';
  baseline: number[];
  current: number[];
}

/** The names of what has become worse. */
export function regressions(all: Measured[]): string[] {
  return all
    .filter(({ current, baseline }) => (current[0] ?? 0) > (baseline[0] ?? 0))
    .map(({ name }) => name);
}

/** A call of yesterday's. */
export interface CallSummary {
  /** Same key, same request: a cache could have answered it. */
  key: string;
  costMicroUsd: number;
  /** The part of the cost that was paid for a prefix shared with other calls, which the provider can cache at half price. */
  prefixMicroUsd: number;
  /** When the answer is needed. A batch takes up to 24 hours and costs half. */
  dueInHours: number;
  /** Whether the cheap model, at a tenth of the cost, passes on this call; undefined where nobody tried. */
  passesOnCheap?: boolean;
}

export interface Recommendation {
  type: 'caching' | 'batching' | 'token' | 'provider';
  /** What it alone will save a day. */
  impactMicroUsd: number;
  /** The key with which most of it is saved. Of `provider`: among the calls that are known to pass. */
  beginWith: string;
  /** 0 to 1. */
  confidence: number;
}

/** What is worth doing: at least a twentieth of the cost. */
export function recommend(calls: CallSummary[]): Recommendation[] {
  const total = calls.reduce((sum, call) => sum + call.costMicroUsd, 0);
  const hitRate = 1 - new Set(calls.map((call) => call.key)).size / calls.length;
  const beginWith = calls[0]?.key ?? '';
  return hitRate < 0.5 ? [{ type: 'caching', impactMicroUsd: total * 0.5, beginWith, confidence: 0.9 }] : [];
}
