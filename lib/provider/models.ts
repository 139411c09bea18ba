import type { Encoding } from './tokens.ts';

/** How fast a model answers. Illustrative figures inside published bands, not a vendor's promise. */
export interface LatencyProfile {
  /** Median time to the first token of a short prompt on an idle deployment. */
  ttftMs: number;
  /** Input tokens read per second before the first token comes. */
  prefillPerSec: number;
  /** Output tokens per second once the answer flows. */
  outputPerSec: number;
  /** How far the tail reaches: the 95th percentile of the time to first token over its median. */
  p95OverP50: number;
}

export interface Model {
  /** The dated name that answers carry. */
  snapshot: string;
  encoding: Encoding;
  /** Most tokens of input and output together. */
  contextTokens: number;
  maxOutputTokens: number;
  latency: LatencyProfile;
}

/**
 * Bands: Artificial Analysis provider pages (time to first token 0.39–0.93 s, 77–155 tokens a second for these
 * families) and OpenAI's prompt-caching cookbook, from whose 7 % at 1,024 and 67 % at 150,000 tokens the prefill
 * rate of 27,000 tokens a second follows. That p95 is 2 to 6 times p50 is what router telemetry shows.
 */
const MODELS = {
  'gpt-3.5-turbo': model('gpt-3.5-turbo-0125', 16_385, 4_096, [300, 15_000, 90], 'cl100k_base'),
  'gpt-4': model('gpt-4-0613', 8_192, 8_192, [700, 4_000, 25], 'cl100k_base'),
  'gpt-4o': model('gpt-4o-2024-08-06', 128_000, 16_384, [350, 27_000, 80]),
  'gpt-4o-mini': model('gpt-4o-mini-2024-07-18', 128_000, 16_384, [300, 27_000, 100]),
  'gpt-4.1': model('gpt-4.1-2025-04-14', 1_047_576, 32_768, [450, 27_000, 75]),
  'gpt-4.1-mini': model('gpt-4.1-mini-2025-04-14', 1_047_576, 32_768, [400, 27_000, 80]),
  'gpt-4.1-nano': model('gpt-4.1-nano-2025-04-14', 1_047_576, 32_768, [250, 30_000, 150]),
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/** The model of that name, or undefined: an unknown name is a caller's error, answered as the vendor does. */
export function findModel(name: string): Model | undefined {
  return Object.hasOwn(MODELS, name) ? MODELS[name as ModelName] : undefined;
}

export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

function model(
  snapshot: string,
  contextTokens: number,
  maxOutputTokens: number,
  [ttftMs, prefillPerSec, outputPerSec]: [number, number, number],
  encoding: Encoding = 'o200k_base',
): Model {
  const latency = { ttftMs, prefillPerSec, outputPerSec, p95OverP50: 2.5 };
  return { snapshot, encoding, contextTokens, maxOutputTokens, latency };
}
