/** What has a price of its own among the tokens: read from the provider's prompt cache, written to it, thought. */
export type TokenParts = Record<'cacheRead' | 'cacheWrite' | 'reasoning', number>;

export interface Usage {
  /** Time to first token; null for an answer that was not streamed. */
  ttftMs: number | null;
  tokens: number;
  /** Parts of `tokens`, as `usage` tells them; left out where there were none. */
  parts?: TokenParts;
  costMicroUsd: number;
  /** Answered from the cache, without the provider. */
  cached: boolean;
}

export interface CallRecord extends Usage {
  /** When it ended, by `Date.now()`: for windows. */
  atMs: number;
  latencyMs: number;
  outcome: 'ok' | 'error' | 'timeout';
}

/** Percentiles are nearest-rank: p95 is the smallest value that at least 95 % of the values do not exceed. */
export type Distribution = Record<'avg' | 'min' | 'median' | 'p95' | 'p99' | 'max', number>;

export type Total = 'calls' | 'errors' | 'timeouts' | 'callsPerMinute' | 'totalTokens' | 'totalCostMicroUsd';

export interface Stats extends Record<Total | 'cacheHitRate', number> {
  /** Of the calls that somebody waited for, answered or timed out; null if there were none. */
  latency: Distribution | null;
  ttft: Distribution | null;
  /** Summed up over the window. */
  parts?: TokenParts;
  /**
   * Mean latency of the window's second half over that of its first, minus 1; 0 if either had none. The minute in the
   * middle of an odd number belongs to neither.
   */
  trend: number;
}
