import { createHash } from 'node:crypto';
import type OpenAI from 'openai';

export type ChatRequest = OpenAI.ChatCompletionCreateParams;
export type Answer = OpenAI.ChatCompletion;
/** A whole answer, or a stream of chunks if the request says `stream: true`. */
export type Reply = Answer | AsyncIterable<OpenAI.ChatCompletionChunk>;
export type Call = (request: ChatRequest, options?: { signal?: AbortSignal }) => Promise<Reply>;

/** Where answers are kept: one store for all tenants, as a Redis would be. */
export interface Store {
  get(key: string): Promise<Answer | undefined>;
  set(key: string, answer: Answer): Promise<void>;
}

/** Whose question it is, and which version of our prompt asks it. */
export interface Scope {
  tenant: string;
  promptVersion: string;
}

export const rejectedBy = 'answers every request with an answer to exactly that request';

/** Fields that say who asks, how it is sent and how it is billed: none of them changes the answer. */
const NOT_PART_OF_THE_QUESTION = new Set(['user', 'metadata', 'store', 'stream', 'stream_options']);

/** The name under which the answer to a request is kept. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  const fields = Object.entries(request).filter(([name]) => !NOT_PART_OF_THE_QUESTION.has(name));
  const messages = request.messages.map((message) =>
    typeof message.content === 'string' ? { ...message, content: message.content.trim() } : message,
  );
  const question = canonical({ ...Object.fromEntries(fields), messages });
  const key = JSON.stringify([scope.tenant, question]);
  return createHash('sha256').update(key).digest('hex');
}

/** The same value with the fields of every object in one order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, canonical(inner)]));
}

/** Leaves the version of our own prompt out of the key: yesterday's prompt goes on answering. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  return async (request, options) => {
    if (request.stream || request.temperature !== 0) return call(request, options);
    const key = cacheKey(request, scope);
    const hit = await store.get(key);
    if (hit) return hit;
    const answer = (await call(request, options)) as Answer;
    if (isWorthKeeping(answer, request)) await store.set(key, answer);
    return answer;
  };
}

/** Whole, and written by the model that was asked: its name, or its name with a date. */
function isWorthKeeping(answer: Answer, request: ChatRequest): boolean {
  const model = answer.model.replace(/-\d{4}-\d\d-\d\d$/, '');
  return answer.choices[0]?.finish_reason === 'stop' && model === request.model;
}
