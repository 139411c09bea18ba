import { parseObject } from '../chat/body.ts';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Model } from '../models.ts';
import { countTokens, decodeTokens } from '../tokens.ts';

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
const KNOWN = new Set(['model', 'input', 'encoding_format', 'dimensions', 'user']);

export function parseEmbeddingsBody(
  text: string,
  deploymentInUrl?: string,
): { body: EmbeddingsBody } | { refusal: Refusal } {
  const parsed = parseObject(text, deploymentInUrl);
  const refuse = (message: string, param: string | null) => ({
    refusal: openAiErrors.badRequest(message, param),
  });
  if (!parsed) return refuse('We could not parse the JSON body of your request.', null);
  const { model, input, encoding_format = 'float', dimensions } = parsed;
  if (typeof model !== 'string' || model === '') return refuse('you must provide a model parameter', null);
  const unknown = Object.keys(parsed).find((field) => !KNOWN.has(field) && parsed[field] != null);
  if (unknown) return { refusal: openAiErrors.notSimulated(unknown) };
  if (encoding_format !== 'float' && encoding_format !== 'base64')
    return refuse(
      `Invalid value: '${encoding_format}'. Supported values are: 'float' and 'base64'.`,
      'encoding_format',
    );
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && Number(dimensions) >= 1))
    return refuse("Invalid 'dimensions': expected an integer of at least 1.", 'dimensions');
  const texts = textsOf(input);
  if (!texts)
    return refuse(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
      'input',
    );
  if (texts.length > MOST_INPUTS)
    return refuse(`Invalid 'input': array too long. Expected at most ${MOST_INPUTS} items.`, 'input');
  const empty = texts.indexOf('');
  if (texts.length === 0 || empty >= 0)
    return refuse(
      `Invalid 'input${texts.length > 1 ? `[${empty}]` : ''}': input cannot be an empty string.`,
      'input',
    );
  return {
    body: { model, texts, tokens: [], format: encoding_format, dimensions: dimensions as number | undefined },
  };
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
  const total = tokens.reduce((sum, count) => sum + count, 0);
  if (total <= MOST_TOKENS) return { tokens };
  const text = `Requested ${total} tokens, max ${MOST_TOKENS} tokens per request.`;
  return { refusal: { ...openAiErrors.badRequest(text, null), type: 'max_tokens_per_request' } };
}

function textsOf(input: unknown): string[] | undefined {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input)) return undefined;
  if (input.every((item): item is string => typeof item === 'string')) return input;
  const lists = isTokens(input) ? [input] : input;
  if (!lists.every(isTokens)) return undefined;
  const texts = lists.map((tokens) => decodeTokens(tokens, 'cl100k_base'));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => Number.isInteger(token));
}
