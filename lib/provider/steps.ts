/** Work that can be laid down between two steps, each of a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>;

/** Asked between two steps: a promise where others are to have their turn first. */
export type Pause = () => Promise<void> | undefined;

/** Does the work in one go: where nobody else waits, as in labs. */
export function atOnce<T>(steps: Steps<T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** Does the work and lets others have their turns in between; without `pause`, in one go. */
export async function inTurns<T>(steps: Steps<T>, pause: Pause | undefined): Promise<T> {
  if (!pause) return atOnce(steps);
  for (;;) {
    const others = pause();
    if (others) await others;
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** A stretch of work of this length holds up nobody. */
const TURN_MS = 10;

/**
 * Turns on an event loop: whoever has worked for ten milliseconds lets the loop go round, and of all who wait for a turn
 * one gets it each time round, so that thirty long requests hold it no longer than one.
 */
export function createTurns(now: () => number, soon: (next: () => void) => void): Pause {
  const waiting: (() => void)[] = [];
  let beganMs = Number.NEGATIVE_INFINITY;
  const next = () => {
    beganMs = now();
    waiting.shift()?.();
    if (waiting.length > 0) soon(next);
  };
  return () => {
    if (now() - beganMs < TURN_MS) return undefined;
    return new Promise((resolve) => {
      if (waiting.push(resolve) === 1) soon(next);
    });
  };
}
