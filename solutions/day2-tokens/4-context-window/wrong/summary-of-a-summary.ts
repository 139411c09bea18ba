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

export const rejectedBy = 'remembers what is pinned';

/** Makes one summary of everything old, and then a summary of that summary. */
export function fitContext(history: Turn[], { limit, reserveOutput, tokensOf }: FitOptions): Turn[] {
  const room = limit - reserveOutput - 3;
  const size = (turns: Turn[]) => turns.reduce((sum, turn) => sum + tokensOf(turn), 0);
  const [rules, ...rest] = history;
  if (!rules) return [];
  let summary = '';
  let recent: Turn[] = [];
  for (const exchange of inExchanges(rest)) {
    recent.push(...exchange);
    if (size([rules, ...recent]) + summary.length / 3 <= room) continue;
    summary = shorter(`${summary} ${recent.map((turn) => String(turn.content ?? '')).join(' ')}`);
    recent = [...exchange];
  }
  const note: Turn = { role: 'system', content: `Until now: ${summary}` };
  return summary === '' ? [rules, ...recent] : [rules, note, ...recent];
}

/** Stands for a model that is asked for a summary: every other word. */
function shorter(text: string): string {
  return text
    .split(' ')
    .filter((_, i) => i % 2 === 0)
    .slice(-800)
    .join(' ');
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
