import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

/** The messages to send now, out of the whole history, which ends with what the user has just written. */
export function fitContext(history: Turn[], { limit, reserveOutput, pins, tokensOf }: FitOptions): Turn[] {
  const room = limit - reserveOutput - 3;
  const exchanges = inExchanges(history);
  const keptOf = (start: number, end: number) =>
    exchanges.slice(0, end).flatMap((turns, i) => (i >= start ? turns : pinnedOf(turns)));
  const size = (start: number, end: number) =>
    keptOf(start, end).reduce((sum, turn) => sum + tokensOf(turn), 0);

  // The cuts of the whole chat, made again: from the same history they come out at the same places.
  let start = 0;
  for (let end = 1; end <= exchanges.length; end += 1) {
    if (size(start, end) <= room) continue;
    while (start < end - 1 && size(start, end) > room / 2) start += 1;
  }
  return keptOf(start, exchanges.length);

  /** What stays of an exchange that is cut: the rules and what is pinned; of a look-up its call and its result. */
  function pinnedOf(turns: Turn[]): Turn[] {
    const pinned = turns.filter((turn) => turn.role === 'system' || pins(turn) > 0);
    if (!pinned.some(isLookUp)) return pinned;
    return turns.filter((turn) => pinned.includes(turn) || isLookUp(turn));
  }
}

function isLookUp(turn: Turn): boolean {
  return turn.role === 'tool' || (turn.role === 'assistant' && turn.tool_calls !== undefined);
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
