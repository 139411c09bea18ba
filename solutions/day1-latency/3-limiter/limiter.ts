import type { Limiter } from '#course/day1-latency/contracts/limiter.ts';

/** Lets at most `places` tasks run at the same time. */
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
