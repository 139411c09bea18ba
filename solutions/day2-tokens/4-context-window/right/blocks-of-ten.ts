import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

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
