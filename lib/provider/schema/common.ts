import * as z from 'zod';
import { jsonSchema } from './json-schema.ts';

/** Pieces that several routes' bodies are made of, as OpenAI's API description 2.3.0 has them. */
export const NAME = /^[a-zA-Z0-9_-]+$/;
/** The longest text that the vendor reads; a longer one gets `string_above_max_length`. */
const LONGEST_TEXT = 10_485_760;

export const text = z.string().max(LONGEST_TEXT);
export const model = z.string();
/** Up to 16 pairs of short texts. */
export const metadata = z.record(z.string(), z.string().max(512)).refine(hasRoom, {
  error: 'too many properties. Expected an object with at most 16 properties.',
  params: { code: 'object_above_max_properties' },
});

function hasRoom(pairs: object): boolean {
  return Object.keys(pairs).length <= 16;
}

export const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
export const verbosity = z.enum(['low', 'medium', 'high']);
export const tier = z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast']);
export const functionName = z.string().regex(NAME).max(64);
export const cap = z.int().min(1);
/** How many of the likeliest tokens each place tells (API description 2.3.0). */
export const topLogprobs = z.int().min(0).max(20);

const lifetime = z.enum(['30m', '12h']);
/** What may stand on a block of content, whatever the block is of. */
export const marked = {
  prompt_cache_breakpoint: z.looseObject({ mode: z.literal('explicit'), ttl: lifetime.optional() }).nullish(),
};

/** What both kinds of requests for text share. */
export const sampling = {
  model,
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().optional(),
  metadata: metadata.nullish(),
  store: z.boolean().nullish(),
  service_tier: tier.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  prompt_cache_key: z.string().max(64).nullish(),
  prompt_cache_options: z
    .looseObject({
      mode: z.enum(['implicit', 'explicit']).optional(),
      ttl: lifetime.optional(),
    })
    .nullish(),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
  safety_identifier: z.string().max(64).nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
};

export const jsonFormat = {
  name: functionName,
  description: z.string().nullish(),
  schema: jsonSchema,
  strict: z.boolean().nullish(),
};
