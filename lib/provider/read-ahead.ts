import { findModel } from './models.ts';
import type { Deployment } from './provider-plan.ts';
import { loadRanks, ranksAreLoaded } from './ranks.ts';
import type { Pause, Steps } from './steps.ts';
import { LONG_TEXT, readAhead, textOf } from './tokens.ts';
import type { Visit } from './visitor.ts';

/** The pauses of a request that needs them: a long one, or one that comes while a server is still reading the ranks. */
export function pauseFor({ simulator: { pause }, request }: Visit): Pause | undefined {
  return request.text.length >= LONG_TEXT || !ranksAreLoaded() ? pause : undefined;
}

/** Does what needs the tokens of a body's texts; they are counted in steps before, and forgotten after it. */
export function* withTextsAhead<T>(deployment: Deployment, body: unknown, work: Steps<T>): Steps<T> {
  const encoding = findModel(deployment.model)?.encoding;
  if (!encoding) return yield* work;
  yield* loadRanks(encoding);
  const forget = yield* readAhead(textsIn(body), encoding);
  try {
    return yield* work;
  } finally {
    forget();
  }
}

/** All texts in a body as they are counted: parts of one message joined. An empty one now and then where there are none. */
function* textsIn(body: unknown): Iterable<string> {
  const left: unknown[] = [body];
  let seen = 0;
  while (left.length > 0) {
    const value = left.pop();
    seen += 1;
    if (seen % 1000 === 0) yield '';
    if (typeof value === 'string') yield value;
    else if (Array.isArray(value) && value.some(hasText)) yield textOf(value);
    else if (typeof value === 'object' && value !== null)
      for (const each of Object.values(value)) left.push(each);
  }
}

function hasText(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'text' in part;
}
