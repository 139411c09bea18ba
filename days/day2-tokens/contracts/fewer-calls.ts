/** A small task of one tenant, to be done now. */
export interface Task {
  id: string;
  tenant: string;
  text: string;
}

/** A job with a deadline. What it will use is known well enough. */
export interface Job extends Task {
  type: string;
  model: string;
  /** When the answer has to be there, on the same clock as `nowMs`. */
  dueMs: number;
  inputTokens: number;
  outputTokens: number;
}

/** `batch`: half the price, within 24 hours. `flex`: half the price, within minutes, or refused. `online`: now. */
export interface Lanes {
  online: Job[];
  flex?: Job[];
  batch: Job[];
}

/** USD per million tokens. */
export type Prices = Record<string, { input: number; output: number }>;

export interface BatchGroup {
  type: string;
  model: string;
  jobs: Job[];
  /** What the group will cost in the batch lane, in whole micro-dollars. */
  microUsd: number;
}
