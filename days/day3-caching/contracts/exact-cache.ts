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
  /** The user asks for another one: a new draw, which is not kept either. */
  fresh?: boolean;
}
