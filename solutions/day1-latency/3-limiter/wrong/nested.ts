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

export const rejectedBy = 'runs every task';

/** Asks itself for a place while it holds one: once all places are held like that, everybody waits for everybody. */
export function createLimiter(places: number): Limiter {
  const queue: (() => void)[] = [];
  let active = 0;
  const limiter: Limiter = {
    get active() {
      return active;
    },
    get pending() {
      return queue.length;
    },
    run: (fn, signal) => inPlace(() => inPlace(fn, signal), signal),
  };
  return limiter;

  async function inPlace<T>(fn: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (active < places) active += 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await fn();
    } finally {
      const next = queue.shift();
      if (next) next();
      else active -= 1;
    }
  }
}
