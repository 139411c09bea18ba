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

export const rejectedBy = 'lets nobody slip in while a place changes hands';

/** Frees the place and calls the next in line, who takes it a moment later: a newcomer is faster. */
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
      if (active >= places) await place(signal);
      active += 1;
      try {
        return await fn();
      } finally {
        active -= 1;
        queue.shift()?.();
      }
    },
  };

  function place(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal?.reason);
      };
      queue.push(start);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
