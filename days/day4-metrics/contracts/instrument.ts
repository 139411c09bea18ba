import type OpenAI from 'openai';

export interface ChatRequest {
  userId: string;
  body: OpenAI.ChatCompletionCreateParamsStreaming;
}

export type StreamOptions = OpenAI.ChatCompletionStreamOptions;

export interface Reply {
  /** Where the answer comes from: a cached one cost nothing and took no time of the provider's. */
  source: 'provider' | 'cache';
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>;
}

/** Rejects when the provider refuses; `chunks` throws when the stream breaks. */
export type Call = (request: ChatRequest) => Promise<Reply>;

export type CostOf = (model: string, usage: OpenAI.CompletionUsage) => number;
