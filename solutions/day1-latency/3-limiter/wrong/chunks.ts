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

export const rejectedBy = 'takes up the next task as soon as a place is free';

/** Starts the next chunk when the whole last one has ended: nine places wait for the slowest. */
export function createLimiter(places: number): Limiter {
  const queue: (() => Promise<unknown>)[] = [];
  let active = 0;
  return {
    get active() {
      return active;
    },
    get pending() {
      return queue.length;
    },
    run: (fn, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        queue.push(() => (signal?.aborted ? Promise.resolve() : fn().then(resolve, reject)));
        if (active === 0) void startChunk();
      }),
  };

  async function startChunk(): Promise<void> {
    while (queue.length > 0) {
      const chunk = queue.splice(0, places);
      active = chunk.length;
      await Promise.all(chunk.map((task) => task()));
      active = 0;
    }
  }
}
