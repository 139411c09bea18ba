import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Model } from '../models.ts';
import { findSchemaProblem } from './schema.ts';
import { findToolProblem } from './tools.ts';

/** Fields that the simulator acts on, and fields it may ignore because they change nothing that is simulated. */
const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'stop',
  'seed',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
]);

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);
const TIERS = ['auto', 'default', 'flex'];

export type ChatBody = ChatCompletionCreateParams;
export type ParsedBody = { body: ChatBody } | { refusal: Refusal };

/** Reads a chat request, or says what is wrong with it in the vendor's words. */
export function parseChatBody(text: string, deploymentInUrl?: string): ParsedBody {
  const parsed = parseObject(text, deploymentInUrl);
  if (!parsed) {
    const message = 'We could not parse the JSON body of your request.';
    return { refusal: openAiErrors.badRequest(message, null) };
  }
  const problem = findProblem(parsed);
  return problem ? { refusal: problem } : { body: parsed as unknown as ChatBody };
}

/** A JSON object, or undefined for anything else. `model` stands in for a model that the object does not name. */
export function parseObject(text: string, model?: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    if (model !== undefined) value.model ??= model;
    return value;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What this model refuses although others take it. */
export function findModelProblem(body: ChatBody, model: Model): Refusal | undefined {
  if (body.service_tier === 'flex' && !model.flex)
    return openAiErrors.unsupportedValue(
      'service_tier',
      "'flex'",
      'Flex processing is not available for it.',
    );
  if (!model.reasoning) {
    if (body.reasoning_effort == null) return undefined;
    return { ...openAiErrors.badRequest('Unrecognized request argument supplied: reasoning_effort', null) };
  }
  if (body.max_tokens != null)
    return openAiErrors.unsupportedParameter('max_tokens', "Use 'max_completion_tokens' instead.");
  for (const param of ['temperature', 'top_p'] as const)
    if (body[param] != null && body[param] !== 1)
      return openAiErrors.unsupportedValue(param, body[param], 'Only the default (1) value is supported.');
  return undefined;
}

function findProblem(body: Record<string, unknown>): Refusal | undefined {
  const { model, messages } = body;
  if (typeof model !== 'string' || model === '')
    return openAiErrors.badRequest('you must provide a model parameter', null);
  if (messages === undefined)
    return openAiErrors.badRequest("Missing required parameter: 'messages'.", 'messages');
  if (!Array.isArray(messages) || messages.length === 0) {
    const message = "Invalid 'messages': expected an array with at least one message.";
    return openAiErrors.badRequest(message, 'messages');
  }
  return (
    findUnknown(body) ?? findMessageProblem(messages) ?? findNumberProblem(body) ?? findShapeProblem(body)
  );
}

function findUnknown(body: Record<string, unknown>): Refusal | undefined {
  const idle = (value: unknown) => value === null || value === false;
  const unknown = Object.keys(body).find((field) => !KNOWN.has(field) && !idle(body[field]));
  return unknown === undefined ? undefined : openAiErrors.notSimulated(unknown);
}

function findMessageProblem(messages: readonly unknown[]): Refusal | undefined {
  for (const [i, message] of messages.entries()) {
    const role = isObject(message) ? String(message.role) : '';
    if (!ROLES.has(role)) {
      const text = `Invalid value: 'messages[${i}].role'. Supported values are: ${[...ROLES].join(', ')}.`;
      return openAiErrors.badRequest(text, `messages[${i}].role`);
    }
    const { content } = message as { content?: unknown };
    if (!Array.isArray(content)) continue;
    const odd = content.find((part) => isObject(part) && part.type !== 'text' && part.type !== 'refusal');
    if (odd) return openAiErrors.notSimulated(`messages[${i}].content with type "${odd.type}"`);
  }
  return undefined;
}

function findNumberProblem(body: Record<string, unknown>): Refusal | undefined {
  const bounds: Record<string, [low: number, high: number]> = {
    n: [1, 128],
    max_tokens: [1, 10_000_000],
    max_completion_tokens: [1, 10_000_000],
    temperature: [0, 2],
    top_p: [0, 1],
  };
  for (const [field, [low, high]] of Object.entries(bounds)) {
    const value = body[field];
    if (value == null || (typeof value === 'number' && value >= low && value <= high)) continue;
    const text = `Invalid '${field}': expected a number from ${low} to ${high}, but got ${JSON.stringify(value)} instead.`;
    return openAiErrors.badRequest(text, field, 'invalid_value');
  }
  return undefined;
}

function findShapeProblem(body: Record<string, unknown>): Refusal | undefined {
  const { stop, service_tier, stream, stream_options } = body;
  if (Array.isArray(stop) && stop.length > 4)
    return openAiErrors.badRequest("Invalid 'stop': array too long. Expected at most 4 items.", 'stop');
  if (service_tier != null && !TIERS.includes(String(service_tier)))
    return openAiErrors.notSimulated(`service_tier "${service_tier}"`);
  if (stream_options != null && stream !== true) {
    const text = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    return openAiErrors.badRequest(text, 'stream_options');
  }
  return findToolProblem(body) ?? findSchemaProblem(body);
}
