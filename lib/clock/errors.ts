/** Nothing is left that could ever wake the code under the clock: a promise that never settles. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
  readonly atMs: number;

  constructor(atMs: number) {
    super(
      `The code waits for something that never comes: after ${Math.round(atMs)} ms no timer, no request and ` +
        'no other work was left that could wake it. Look for a promise that is never resolved or rejected.',
    );
    this.atMs = atMs;
  }
}

/** The code under the clock went on past a bound, so it was stopped. */
export class ClockLimitError extends Error {
  override readonly name = 'ClockLimitError';

  constructor(what: string) {
    super(`The code was stopped: ${what} Look for a timer, a poll or a retry that never ends.`);
  }
}
