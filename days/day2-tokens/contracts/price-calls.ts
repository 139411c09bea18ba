import type OpenAI from 'openai';

export type Tier = 'standard' | 'batch' | 'flex' | 'fast';

/** For how long at least a prompt is kept in the cache, as its request asked for. */
export type Lifetime = '30m' | '12h';

/** USD per million tokens. */
export interface ModelPrice {
  input: number;
  /** Input that was read from the prompt cache. */
  cachedInput: number;
  /** Input that was written to the prompt cache for 30 minutes; where there is none, it costs what other input costs. */
  cacheWrite?: number;
  /** The same for 12 hours. */
  cacheWrite12h?: number;
  output: number;
  /** A call with more input than this pays so many times the price, for all of its tokens. */
  longContext?: { aboveTokens: number; inputFactor: number; outputFactor: number };
  tiers: Record<Tier, number>;
}

/** Something else than tokens that was bought, and its price in USD. */
export type MediaUse =
  | { kind: 'images'; count: number; usdEach: number }
  /** Sold in clips: a clip that is begun is paid. */
  | { kind: 'video'; seconds: number; clipSeconds: number; usdPerClip: number }
  | { kind: 'audio'; seconds: number; usdPerMinute: number }
  /** Requests in each hour; the first ones of every hour are free. */
  | { kind: 'requests'; perHour: number[]; freePerHour: number; usdEach: number };

/** What one model needed for one task: all its attempts, and whether the task was solved in the end. */
export interface Trial {
  model: string;
  attempts: OpenAI.CompletionUsage[];
  solved: boolean;
}

export interface CostRow {
  model: string;
  solvedShare: number;
  microUsdPerSolvedTask: number;
}
