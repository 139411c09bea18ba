import type { Tiktoken } from 'tiktoken';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
  name?: string;
}

export interface Tool {
  type: 'function';
  function: {
    name: string;
    description: string;
    parameters: {
      type: 'object';
      properties: Record<string, { type: string; description: string; enum?: string[] }>;
    };
  };
}

/** What is sent to the provider. */
export interface Chat {
  model: string;
  /** The model's encoding, from the catalogue. A package need not know the model's name. */
  encoding?: 'o200k_base' | 'cl100k_base';
  messages: Message[];
  tools?: Tool[];
}

/** The part of the package `tiktoken` that a counter needs. Building an encoder takes a fifth of a second. */
export interface Tokenizer {
  get_encoding(name: 'o200k_base' | 'cl100k_base'): Tiktoken;
}

export interface TokenCounter {
  /** The prompt tokens that the provider will bill: exact for plain chats; with tools within 3 %, once they were sent before. */
  countChat(chat: Chat): number;
  /** Told after each call: what `usage` said of a chat that was counted. */
  compare?(chat: Chat, promptTokens: number): void;
  /** Within 15 % for any kind of text. At most 4,000 characters of it are tokenised, however long it is. */
  estimateTokens(text: string): number;
}
