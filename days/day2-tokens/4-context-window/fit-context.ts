import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

/** The messages to send now, out of the whole history, which ends with what the user has just written. */
export function fitContext(history: Turn[], _options: FitOptions): Turn[] {
  // TODO: twenty messages may be too many, or too few, and what fell out was perhaps the rules.
  return history.slice(-20);
}
