export interface Limiter {
  /**
   * Runs `fn` as soon as a place is free and returns what it returns. Tasks start in the order of the calls. If
   * `signal` aborts while the task still waits, it is never started and the promise rejects with the signal's reason.
   */
  run<T>(fn: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Tasks that are running. */
  readonly active: number;
  /** Tasks that wait for a place. */
  readonly pending: number;
}

/** Lets at most `places` tasks run at the same time. */
export function createLimiter(places: number): Limiter {
  let active = 0;
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    get active() {
      return active;
    },
    get pending() {
      return pending;
    },
    async run(fn, signal) {
      // TODO: this lets one task run at a time. There are `places` places; use them all.
      void places;
      pending += 1;
      const turn = last.then(() => {
        pending -= 1;
        signal?.throwIfAborted();
        active += 1;
        return fn().finally(() => {
          active -= 1;
        });
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}
