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

export const rejectedBy = 'leaves room for the answer in every request';

/** Fills the limit and leaves nothing for the answer. */
export function fitContext(history: Turn[], { limit, pins, tokensOf }: FitOptions): Turn[] {
  const room = limit - 3;
  const exchanges = inExchanges(history);
  const keptOf = (start: number, end: number) =>
    exchanges.slice(0, end).flatMap((turns, i) => (i >= start ? turns : turns.filter(always)));
  const size = (start: number, end: number) =>
    keptOf(start, end).reduce((sum, turn) => sum + tokensOf(turn), 0);

  // The cuts of the whole chat, made again: from the same history they come out at the same places.
  let start = 0;
  for (let end = 1; end <= exchanges.length; end += 1) {
    if (size(start, end) <= room) continue;
    while (start < end - 1 && size(start, end) > room / 2) start += 1;
  }
  return keptOf(start, exchanges.length);

  function always(turn: Turn): boolean {
    return turn.role === 'system' || pins(turn) > 0;
  }
}

/** From one message of the user up to the next, so that a tool call stays with its result. */
function inExchanges(history: Turn[]): Turn[][] {
  const exchanges: Turn[][] = [];
  for (const turn of history) {
    if (turn.role === 'user' || exchanges.length === 0) exchanges.push([]);
    exchanges.at(-1)?.push(turn);
  }
  return exchanges;
}
