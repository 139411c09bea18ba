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

const BLOCK = 10;

/** The window may only begin at every tenth exchange: no history of cuts is needed to find the place. */
export function fitContext(history: Turn[], options: FitOptions): Turn[] {
  const { limit, reserveOutput, pins, tokensOf } = options;
  const starts = history.flatMap((turn, i) => (turn.role === 'user' ? [i] : []));
  const places = [0, ...starts.filter((_, n) => n > 0 && n % BLOCK === 0), starts.at(-1) ?? 0];
  const from = (place: number) =>
    history.filter((turn, i) => i >= place || turn.role === 'system' || pins(turn) > 0);
  const fits = (turns: Turn[]) =>
    turns.reduce((sum, turn) => sum + tokensOf(turn), 3) <= limit - reserveOutput;
  const place = places.find((candidate) => fits(from(candidate)));
  return from(place ?? history.length - 1);
}
