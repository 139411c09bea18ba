import type OpenAI from 'openai';

/** A message of the chat, oldest first: system, user, assistant (perhaps with `tool_calls`) or tool. */
export type Turn = OpenAI.ChatCompletionMessageParam;

export interface FitOptions {
  /** Tokens that the request and its answer may have together. */
  limit: number;
  /** Tokens to leave free for the answer. */
  reserveOutput: number;
  /** 1 for a message that must not be forgotten, 0 for any other. */
  pins(turn: Turn): number;
  /** What a message adds to a request, its frame included. A request costs 3 tokens besides its messages. */
  tokensOf(turn: Turn): number;
}

/** The messages to send now, out of the whole history, which ends with what the user has just written. */
export function fitContext(history: Turn[], _options: FitOptions): Turn[] {
  // TODO: twenty messages may be too many, or too few, and what fell out was perhaps the rules.
  return history.slice(-20);
}
