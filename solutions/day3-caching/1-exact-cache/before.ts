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

/** The name under which the answer to a request is kept. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  // TODO: two requests with the same last message are not the same request.
  void scope;
  const prompt = request.messages.at(-1)?.content;
  return createHash('sha256').update(`${request.model}:${prompt}`).digest('hex');
}

/** The same call, but a request that has been answered before is answered from the store. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  return async (request, options) => {
    const key = cacheKey(request, scope);
    const hit = await store.get(key);
    if (hit) return hit;
    const answer = await call(request, options);
    await store.set(key, answer as Answer);
    return answer;
  };
}
