import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { openAiErrors, type Refusal } from './errors.ts';

/** Fields that the simulator acts on, and fields it may ignore because they change nothing that is simulated. */
const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
  'safety_identifier',
]);

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

export type ParsedBody = { body: ChatCompletionCreateParams } | { refusal: Refusal };

/** Reads a chat request, or says what is wrong with it in the vendor's words. */
export function parseChatBody(text: string): ParsedBody {
  const parsed = parseObject(text);
  if (!parsed) {
    const message = 'We could not parse the JSON body of your request.';
    return { refusal: openAiErrors.badRequest(message, null) };
  }
  const problem = findProblem(parsed);
  return problem ? { refusal: problem } : { body: parsed as unknown as ChatCompletionCreateParams };
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
  const odd = messages.findIndex(
    (message) => !ROLES.has(String((message as { role?: unknown } | null)?.role)),
  );
  if (odd >= 0) {
    const message = `Invalid value: 'messages[${odd}].role'. Supported values are: ${[...ROLES].join(', ')}.`;
    return openAiErrors.badRequest(message, `messages[${odd}].role`);
  }
  const unknown = Object.keys(body).find((field) => !KNOWN.has(field));
  if (unknown === undefined) return undefined;
  return openAiErrors.badRequest(`'${unknown}' is not simulated by this workbook's provider.`, unknown);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
