import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

/** Exchanges (a question and all that follows it) are dropped as a whole. */
export function fitContext(history: Turn[], { limit, reserveOutput, pins, tokensOf }: FitOptions): Turn[] {
  const room = limit - reserveOutput - 3;
  const cost = (turns: Turn[]) => turns.map(tokensOf).reduce((a, b) => a + b, 0);
  const exchanges = history.reduce<Turn[][]>((all, turn) => {
    if (turn.role === 'user' || turn.role === 'system' || all.length === 0) all.push([]);
    all.at(-1)?.push(turn);
    return all;
  }, []);
  // Of a dropped exchange what is pinned stays, with the call that it belongs to.
  const rest = (turns: Turn[]) => {
    const keep = new Set<number>();
    turns.forEach((turn, i) => {
      if (turn.role !== 'system' && pins(turn) <= 0) return;
      let first = i;
      while (turns[first]?.role === 'tool') first -= 1;
      keep.add(first);
      const calls = turns[first];
      if (calls?.role === 'assistant' && calls.tool_calls)
        for (let j = first + 1; turns[j]?.role === 'tool'; j += 1) keep.add(j);
    });
    return turns.filter((_, i) => keep.has(i));
  };
  let dropped = 0;
  for (let n = 1; n <= exchanges.length; n += 1) {
    const view = (cut: number) =>
      exchanges.slice(0, n).flatMap((turns, i) => (i < cut ? rest(turns) : turns));
    if (cost(view(dropped)) <= room) continue;
    while (dropped < n - 1 && cost(view(dropped)) > room / 2) dropped += 1;
  }
  return exchanges.flatMap((turns, i) => (i < dropped ? rest(turns) : turns));
}
