import { parseInSteps, TooMuch } from './json-in-steps.ts';
import { inTurns, type Pause, type Steps } from './steps.ts';

/** A body from this length on takes longer to parse than a server should keep its other clients waiting. */
const LONG_BODY = 100_000;
/** Long bodies that were parsed ahead and are still to be used, by their text. */
const ahead = new Map<string, Parsed[]>();

interface Parsed {
  /** Undefined where the text is no JSON. */
  value: unknown;
}

/** Has a long body parsed in turns before the work that needs it; `takeBody` then has the result at hand. */
export async function withBodyAhead<T>(text: string, pause: Pause, work: () => Promise<T>): Promise<T> {
  if (text.length < LONG_BODY) return work();
  const parsed = await inTurns(parse(text), pause);
  const same = ahead.get(text) ?? [];
  ahead.set(text, [...same, parsed]);
  try {
    return await work();
  } finally {
    const left = (ahead.get(text) ?? []).filter((each) => each !== parsed);
    if (left.length > 0) ahead.set(text, left);
    else ahead.delete(text);
  }
}

/** The value of a body that was parsed ahead: once, since whoever takes it may change it. */
export function takeBody(text: string): Parsed | undefined {
  return text.length < LONG_BODY ? undefined : ahead.get(text)?.pop();
}

function* parse(text: string): Steps<Parsed> {
  try {
    return { value: yield* parseInSteps(text) };
  } catch (error) {
    // What is too much is another thing than no JSON.
    if (error instanceof TooMuch) throw error;
    return { value: undefined };
  }
}
