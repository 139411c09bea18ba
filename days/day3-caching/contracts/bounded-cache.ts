export interface CacheOptions {
  /** The sizes of all entries together stay within this. */
  maxBytes: number;
  /** How long an entry lives when `set` does not say. Default: as long as there is room. */
  ttlMs?: number;
}

export interface SetOptions {
  ttlMs?: number;
  /** What it would cost to make the value again, in micro-dollars. Default 0. */
  cost?: number;
  /** Bytes that the value takes. Default 1. */
  size?: number;
}

export interface CacheStats {
  entries: number;
  bytes: number;
  hits: number;
  misses: number;
  /** Answers that had to go to make room, or were not let in for want of it. */
  evictions: number;
  /** The costs of the values that hits have spared. */
  savedMicroUsd: number;
}
