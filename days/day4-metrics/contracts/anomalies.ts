export interface Point {
  atMs: number;
  value: number;
}

/** One figure of one segment, as repeated runs measured it. */
export interface Measured {
  name: string;
  better: 'lower' | 'higher';
  baseline: number[];
  current: number[];
}

/** A call of yesterday's. */
export interface CallSummary {
  /** Same key, same request: a cache could have answered it. */
  key: string;
  costMicroUsd: number;
  /** The part of the cost that was paid for a prefix shared with other calls, which this shop's contract has the provider cache at half price. */
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
