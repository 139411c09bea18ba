export interface Arrival {
  /** When it is due, in milliseconds after the start of the test. */
  atMs: number;
  prompt: string;
}

export type Target = (prompt: string) => Promise<{ outputTokens: number }>;

export type Figure = 'p50Ms' | 'p95Ms' | 'p99Ms' | 'requestsPerSec' | 'tokensPerSec' | 'errorShare';

/**
 * Latencies of answered requests, nearest-rank, from the moment at which each was due. Rates: answered requests and
 * their tokens, per second from the end of the warm-up to the last answer.
 */
export type LoadReport = Record<Figure, number>;
