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

export const rejectedBy = 'keeps every tool call together with its result';

/** Cuts between messages, also between a tool call and its result. */
export function fitContext(history: Turn[], { limit, reserveOutput, pins, tokensOf }: FitOptions): Turn[] {
  const room = limit - reserveOutput - 3;
  const keptOf = (start: number, end: number) =>
    history.slice(0, end).filter((turn, i) => i >= start || turn.role === 'system' || pins(turn) > 0);
  const size = (start: number, end: number) =>
    keptOf(start, end).reduce((sum, turn) => sum + tokensOf(turn), 0);
  let start = 0;
  for (let end = 1; end <= history.length; end += 1) {
    if (size(start, end) <= room) continue;
    while (start < end - 1 && size(start, end) > room / 2) start += 1;
  }
  return keptOf(start, history.length);
}
