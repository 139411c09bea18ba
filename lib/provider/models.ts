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
  kind: 'chat' | 'embedding' | 'image' | 'speech';
  /** The dated name that answers carry. */
  snapshot: string;
  encoding: Encoding;
  /** Most tokens of input and output together. */
  contextTokens: number;
  maxOutputTokens: number;
  latency: LatencyProfile;
  /** Thinks before it answers: hidden tokens that take time and are billed as output. */
  reasoning: boolean;
  /** How its prompts are cached: by longest prefix, by breakpoint (GPT-5.6 and later), or not. */
  promptCache: 'prefix' | 'breakpoint' | 'none';
  /** Serves requests at half price when there is room (`service_tier: "flex"`). */
  flex: boolean;
  /** Numbers in a vector, for an embedding model; 0 otherwise. */
  dimensions: number;
}

/**
 * Bands: Artificial Analysis provider pages (time to first token 0.39–0.93 s, 77–155 tokens a second for these
 * families) and OpenAI's prompt-caching cookbook, from whose 7 % at 1,024 and 67 % at 150,000 tokens the prefill
 * rate of 27,000 tokens a second follows. That p95 is 2 to 6 times p50 is what router telemetry shows. Context sizes
 * and snapshots: OpenAI's model pages; where no dated name is public, the alias stands for itself.
 */
const MODELS = {
  'gpt-3.5-turbo': old('gpt-3.5-turbo-0125', 16_385, 4_096, [300, 15_000, 90]),
  'gpt-4': old('gpt-4-0613', 8_192, 8_192, [700, 4_000, 25]),
  'gpt-4-turbo': old('gpt-4-turbo-2024-04-09', 128_000, 4_096, [600, 10_000, 35]),
  'gpt-4o': model('gpt-4o-2024-08-06', 128_000, 16_384, [350, 27_000, 80]),
  'gpt-4o-mini': model('gpt-4o-mini-2024-07-18', 128_000, 16_384, [300, 27_000, 100]),
  'gpt-4.1': model('gpt-4.1-2025-04-14', 1_047_576, 32_768, [450, 27_000, 75]),
  'gpt-4.1-mini': model('gpt-4.1-mini-2025-04-14', 1_047_576, 32_768, [400, 27_000, 80]),
  'gpt-4.1-nano': model('gpt-4.1-nano-2025-04-14', 1_047_576, 32_768, [250, 30_000, 150]),
  'gpt-5': thinker('gpt-5-2025-08-07', 400_000, 128_000, [700, 27_000, 80], { flex: true }),
  'gpt-5-mini': thinker('gpt-5-mini-2025-08-07', 400_000, 128_000, [500, 27_000, 110], { flex: true }),
  'gpt-5-nano': thinker('gpt-5-nano-2025-08-07', 400_000, 128_000, [400, 30_000, 160], { flex: true }),
  'gpt-5.4': thinker('gpt-5.4', 1_050_000, 128_000, [700, 27_000, 75], { flex: true }),
  'gpt-5.4-mini': thinker('gpt-5.4-mini', 400_000, 128_000, [450, 27_000, 120], { flex: true }),
  'gpt-5.4-nano': thinker('gpt-5.4-nano', 400_000, 128_000, [350, 30_000, 170], { flex: true }),
  'gpt-5.5': thinker('gpt-5.5', 1_050_000, 128_000, [750, 27_000, 70], { flex: true }),
  'gpt-5.6-sol': thinker('gpt-5.6-sol', 1_050_000, 128_000, [700, 27_000, 80], {
    promptCache: 'breakpoint',
    flex: true,
  }),
  'gpt-5.6-terra': thinker('gpt-5.6-terra', 1_050_000, 128_000, [500, 27_000, 110], {
    promptCache: 'breakpoint',
    flex: true,
  }),
  'gpt-5.6-luna': thinker('gpt-5.6-luna', 400_000, 128_000, [350, 30_000, 170], {
    promptCache: 'breakpoint',
    flex: true,
  }),
  o1: thinker('o1-2024-12-17', 200_000, 100_000, [900, 20_000, 60]),
  o3: thinker('o3-2025-04-16', 200_000, 100_000, [800, 20_000, 70], { flex: true }),
  'o3-mini': thinker('o3-mini-2025-01-31', 200_000, 100_000, [600, 27_000, 120]),
  'o4-mini': thinker('o4-mini-2025-04-16', 200_000, 100_000, [600, 27_000, 110], { flex: true }),
  'text-embedding-3-small': embedder('text-embedding-3-small', 1536),
  'text-embedding-3-large': embedder('text-embedding-3-large', 3072),
  'text-embedding-ada-002': embedder('text-embedding-ada-002', 1536),
  'dall-e-3': media('image', 'dall-e-3', 12_000),
  'tts-1': media('speech', 'tts-1', 500),
  'tts-1-hd': media('speech', 'tts-1-hd', 900),
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/** The model of that name, or undefined: an unknown name is a caller's error, answered as the vendor does. */
export function findModel(name: string): Model | undefined {
  return Object.hasOwn(MODELS, name) ? MODELS[name as ModelName] : undefined;
}

export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

type Speed = [ttftMs: number, prefillPerSec: number, outputPerSec: number];

function model(
  snapshot: string,
  contextTokens: number,
  maxOutputTokens: number,
  [ttftMs, prefillPerSec, outputPerSec]: Speed,
  rest: Partial<Model> = {},
): Model {
  return {
    kind: 'chat',
    snapshot,
    encoding: 'o200k_base',
    contextTokens,
    maxOutputTokens,
    latency: { ttftMs, prefillPerSec, outputPerSec, p95OverP50: 2.5 },
    reasoning: false,
    promptCache: 'prefix',
    flex: false,
    dimensions: 0,
    ...rest,
  };
}

function old(snapshot: string, contextTokens: number, maxOutputTokens: number, speed: Speed): Model {
  const rest = { encoding: 'cl100k_base', promptCache: 'none' } as const;
  return model(snapshot, contextTokens, maxOutputTokens, speed, rest);
}

function thinker(
  snapshot: string,
  contextTokens: number,
  maxOutputTokens: number,
  speed: Speed,
  rest: Partial<Model> = {},
): Model {
  return model(snapshot, contextTokens, maxOutputTokens, speed, { reasoning: true, ...rest });
}

/** 80 ms and 0.02 ms a token. */
function embedder(snapshot: string, dimensions: number): Model {
  const rest = { kind: 'embedding', encoding: 'cl100k_base', promptCache: 'none', dimensions } as const;
  return model(snapshot, 8192, 0, [80, 50_000, 1000], rest);
}

function media(kind: 'image' | 'speech', snapshot: string, ttftMs: number): Model {
  return model(snapshot, 4096, 0, [ttftMs, 4000, 1000], { kind, promptCache: 'none' });
}
