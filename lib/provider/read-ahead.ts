import { findModel } from './models.ts';
import type { Deployment } from './provider-plan.ts';
import type { Simulator } from './simulator.ts';
import { LONG_TEXT, readAhead } from './tokens.ts';

/**
 * Counts the long texts of a body piece by piece, with pauses in which others get their turn, before the work on it begins.
 * The returned function forgets them. Without pauses, as in labs, nothing is done: there nobody else waits.
 */
export async function readLongTexts(
  { pause }: Simulator,
  deployment: Deployment,
  body: unknown,
): Promise<() => void> {
  const model = findModel(deployment.model);
  if (!pause || !model) return () => {};
  const forget: (() => void)[] = [];
  for (const text of longTextsIn(body)) forget.push(await readAhead(text, model.encoding, pause));
  return () => {
    for (const each of forget) each();
  };
}

function longTextsIn(body: unknown): Set<string> {
  const found = new Set<string>();
  const left: unknown[] = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && value.length >= LONG_TEXT) found.add(value);
    else if (typeof value === 'object' && value !== null) left.push(...Object.values(value).slice(0, 10_000));
  }
  return found;
}
