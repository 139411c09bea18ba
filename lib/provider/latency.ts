import type { LatencyProfile } from './models.ts';
import type { Random } from './random.ts';

/** When the parts of one answer are due, in milliseconds after the provider began to work on it. */
export interface Pace {
  /** Response headers and, in a stream, the chunk that only names the role. */
  headersMs: number;
  firstTokenMs: number;
  /** When the given output token is due; 1 is the first. */
  tokenDueMs(ordinal: number): number;
}

export interface Stragglers {
  /** Share of the calls that are slow, 0 to 1. */
  share: number;
  /** How many times longer those take. */
  factor: number;
}

/** The 95th percentile of a standard normal. */
const Z95 = 1.645;
/** Answers also differ in their rate, though far less than in their start. */
const RATE_SIGMA = 0.1;
/** The provider sends headers about half-way to the first token. */
const HEADERS_SHARE = 0.5;

/**
 * Draws the pace of one answer: `ttft = base + input / prefill rate`, the base log-normal (a long tail, as measured at
 * real providers), then output at a steady rate. All times are whole milliseconds.
 */
export function drawPace(
  profile: LatencyProfile,
  inputTokens: number,
  random: Random,
  stragglers?: Stragglers,
): Pace {
  const sigma = Math.log(profile.p95OverP50) / Z95;
  const slow = stragglers && random.next() < stragglers.share ? stragglers.factor : 1;
  const base = profile.ttftMs * Math.exp(sigma * random.normal());
  const msPerToken = (1000 / profile.outputPerSec) * Math.exp(RATE_SIGMA * random.normal()) * slow;
  const firstTokenMs = Math.round((base + (inputTokens / profile.prefillPerSec) * 1000) * slow);
  return {
    headersMs: Math.round(firstTokenMs * HEADERS_SHARE),
    firstTokenMs,
    tokenDueMs: (ordinal) => Math.round(firstTokenMs + (ordinal - 1) * msPerToken),
  };
}
