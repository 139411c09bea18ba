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

export const rejectedBy = 'lets a waiting task be aborted';

/** Goes on listening when its turn has come: a late abort takes the last one out of the queue instead. */
export function createLimiter(places: number): Limiter {
  const queue: (() => void)[] = [];
  let active = 0;
  return {
    get active() {
      return active;
    },
    get pending() {
      return queue.length;
    },
    async run(fn, signal) {
      signal?.throwIfAborted();
      if (active < places) active += 1;
      else await place(signal);
      try {
        return await fn();
      } finally {
        // The place goes straight to the next in line: `active` only falls when nobody waits.
        const next = queue.shift();
        if (next) next();
        else active -= 1;
      }
    },
  };

  function place(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => resolve();
      const leave = () => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal?.reason);
      };
      queue.push(start);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
