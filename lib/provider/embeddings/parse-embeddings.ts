import * as z from 'zod';
import { parseObject, unparsed } from '../chat/parse-chat.ts';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Model } from '../models.ts';
import { decodeTokens, loadDecoder } from '../ranks.ts';
import { model } from '../schema/common.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import { sum } from '../stats.ts';
import type { Steps } from '../steps.ts';
import { countTokens } from '../tokens.ts';

export interface EmbeddingsBody {
  model: string;
  /** The texts; token arrays are decoded. */
  texts: string[];
  tokens: number[];
  format: 'float' | 'base64';
  dimensions: number | undefined;
}

/** Limits of the embeddings route (OpenAI API reference). */
const MOST_INPUTS = 2048;
const MOST_TOKENS_EACH = 8192;
const MOST_TOKENS = 300_000;

const tokens = z.array(z.int().min(0)).min(1);
const embeddingsSchema = z.object({
  model,
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1).max(MOST_INPUTS),
    tokens,
    z.array(tokens).min(1).max(MOST_INPUTS),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
  user: z.string().nullish(),
});

/** Reads a request for embeddings, or says what is wrong with it in the vendor's words. */
export function* parseEmbeddingsBody(
  text: string,
  deploymentInUrl?: string,
): Steps<{ body: EmbeddingsBody } | { refusal: Refusal }> {
  const parsed = parseObject(text, deploymentInUrl);
  if (!parsed) return { refusal: unparsed() };
  if (parsed.model === undefined)
    return { refusal: openAiErrors.badRequest('you must provide a model parameter', null) };
  yield;
  const refusal = yield* findShapeProblem(parsed, embeddingsSchema, {
    unknown: unknownParameter,
    notSimulated: [],
  });
  if (refusal) return { refusal };
  const { model, input, encoding_format, dimensions } = parsed as z.infer<typeof embeddingsSchema>;
  const texts = yield* textsOf(input);
  if (!texts) {
    const text = "Invalid 'input': the array holds a token that the model does not have.";
    return { refusal: openAiErrors.badRequest(text, 'input', 'invalid_value') };
  }
  const format = encoding_format ?? 'float';
  return { body: { model, texts, tokens: [], format, dimensions: dimensions ?? undefined } };
}

/** Counts the tokens of each text, or says which are too many. */
export function countInputs(body: EmbeddingsBody, model: Model): { tokens: number[] } | { refusal: Refusal } {
  if (body.dimensions !== undefined && !body.model.startsWith('text-embedding-3'))
    if (model.snapshot === 'text-embedding-ada-002')
      return { refusal: openAiErrors.badRequest('This model does not support specifying dimensions.', null) };
  if ((body.dimensions ?? 1) > model.dimensions) {
    const text = `Invalid value for 'dimensions' = ${body.dimensions}. Must be less than or equal to ${model.dimensions}.`;
    return { refusal: openAiErrors.badRequest(text, null) };
  }
  const tokens = body.texts.map((text) => countTokens(text, model.encoding));
  const long = tokens.findIndex((count) => count > MOST_TOKENS_EACH);
  if (long >= 0) {
    const text =
      `This model's maximum context length is ${MOST_TOKENS_EACH} tokens, however you requested ${tokens[long]} tokens ` +
      `(${tokens[long]} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`;
    return { refusal: openAiErrors.badRequest(text, null) };
  }
  const total = sum(tokens);
  if (total <= MOST_TOKENS) return { tokens };
  const text = `Requested ${total} tokens, max ${MOST_TOKENS} tokens per request.`;
  return { refusal: { ...openAiErrors.badRequest(text, null), type: 'max_tokens_per_request' } };
}

function* textsOf(input: z.infer<typeof embeddingsSchema>['input']): Steps<string[] | undefined> {
  if (typeof input === 'string') return [input];
  if (typeof input[0] === 'string') return input as string[];
  yield* loadDecoder('cl100k_base');
  const texts: string[] = [];
  for (const list of (typeof input[0] === 'number' ? [input] : input) as number[][]) {
    const text = decodeTokens(list, 'cl100k_base');
    if (text === undefined) return undefined;
    texts.push(text);
    yield;
  }
  return texts;
}
