import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

const BLOCK = 10;

/** The window may only begin at every tenth exchange: no history of cuts is needed to find the place. */
export function fitContext(history: Turn[], options: FitOptions): Turn[] {
  const { limit, reserveOutput, pins, tokensOf } = options;
  const starts = history.flatMap((turn, i) => (turn.role === 'user' ? [i] : []));
  const places = [0, ...starts.filter((_, n) => n > 0 && n % BLOCK === 0), starts.at(-1) ?? 0];
  // A pinned result brings its call along, and the other way round.
  const pinnedCalls = new Set(history.filter((turn) => pins(turn) > 0).flatMap(callsOf));
  const stays = (turn: Turn) =>
    turn.role === 'system' || pins(turn) > 0 || callsOf(turn).some((id) => pinnedCalls.has(id));
  const from = (place: number) => history.filter((turn, i) => i >= place || stays(turn));
  const fits = (turns: Turn[]) =>
    turns.reduce((sum, turn) => sum + tokensOf(turn), 3) <= limit - reserveOutput;
  const place = places.find((candidate) => fits(from(candidate)));
  return from(place ?? history.length - 1);
}

function callsOf(turn: Turn): string[] {
  if (turn.role === 'tool') return [turn.tool_call_id];
  return turn.role === 'assistant' ? (turn.tool_calls ?? []).map(({ id }) => id) : [];
}
