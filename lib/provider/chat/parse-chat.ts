import { takeBody } from '../body-ahead.ts';
import { openAiErrors, type Refusal } from '../errors.ts';
import { findShapeProblem, type Wording } from '../schema/refusal.ts';
import type { Steps } from '../steps.ts';
import type { ChatBody } from './chat-body.ts';
import { chatSchema, NOT_SIMULATED } from './chat-schema.ts';
import { findSchemaProblem } from './strict-schema.ts';
import { findToolProblem } from './tools.ts';

export type ParsedBody = { body: ChatBody } | { refusal: Refusal };

/** Reads a chat request, or says what is wrong with it in the vendor's words. */
export function* parseChatBody(text: string, deploymentInUrl?: string): Steps<ParsedBody> {
  const parsed = parseObject(text, deploymentInUrl);
  if (!parsed) return { refusal: unparsed() };
  if (parsed.model === undefined)
    return { refusal: openAiErrors.badRequest('you must provide a model parameter', null) };
  yield;
  const odd = yield* findShapeProblem(parsed, chatSchema, WORDING);
  if (odd) return { refusal: odd };
  const body = parsed as unknown as ChatBody;
  const problem = findChatProblem(body);
  return problem ? { refusal: problem } : { body };
}

const WORDING: Wording = {
  unknown: (field) => openAiErrors.badRequest(`Unrecognized request argument supplied: ${field}`, null),
  notSimulated: NOT_SIMULATED,
};

export function unparsed(): Refusal {
  return openAiErrors.badRequest('We could not parse the JSON body of your request.', null);
}

/** A JSON object, or undefined for anything else. `model` stands in for a model that the object does not name. */
export function parseObject(text: string, model?: string): Record<string, unknown> | undefined {
  try {
    const parsed = takeBody(text);
    const value: unknown = parsed ? parsed.value : JSON.parse(text);
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

/** What is wrong with a well-formed request to chat completions, or to responses in their words. */
export function findChatProblem(body: ChatBody): Refusal | undefined {
  const { stream, stream_options, service_tier, max_tokens, max_completion_tokens } = body;
  if (max_tokens != null && max_completion_tokens != null)
    return openAiErrors.badRequest(
      'Setting `max_tokens` and `max_completion_tokens` at the same time is not supported.',
      null,
    );
  if (body.top_logprobs != null && body.logprobs !== true)
    return openAiErrors.badRequest(NEEDS_LOGPROBS, 'top_logprobs');
  if (service_tier != null && !SIMULATED_TIERS.includes(service_tier))
    return openAiErrors.notSimulated(`service_tier "${service_tier}"`);
  if (stream_options != null && stream !== true) {
    const text = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    return openAiErrors.badRequest(text, 'stream_options');
  }
  return findMessageProblem(body.messages) ?? findToolProblem(body) ?? findSchemaProblem(body);
}

const NEEDS_LOGPROBS = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
const SIMULATED_TIERS = ['auto', 'default', 'flex', 'fast', 'priority'];

function findMessageProblem(messages: ChatBody['messages']): Refusal | undefined {
  for (const [i, message] of messages.entries()) {
    const { content } = message;
    if (Array.isArray(content)) {
      const odd = content.find(({ type }) => type !== 'text' && type !== 'refusal');
      if (odd) return openAiErrors.notSimulated(`messages[${i}].content with type "${odd.type}"`);
    }
    if (message.role !== 'assistant' || content != null) continue;
    if (message.tool_calls === undefined && message.refusal == null)
      return openAiErrors.badRequest(
        `Invalid value for 'content': expected a string, got null.`,
        `messages.[${i}].content`,
      );
  }
  return undefined;
}
