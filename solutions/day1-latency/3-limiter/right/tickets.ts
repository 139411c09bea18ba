import type { Limiter } from '#course/day1-latency/contracts/limiter.ts';

/** A box of tickets: take one before you start, put it back when you are done. */
export function createLimiter(places: number): Limiter {
  let tickets = places;
  const waiting = new Set<() => void>();
  return {
    get active() {
      return places - tickets;
    },
    get pending() {
      return waiting.size;
    },
    run<T>(fn: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const start = () => {
          waiting.delete(start);
          signal?.removeEventListener('abort', leave);
          tickets -= 1;
          new Promise<T>((done) => done(fn()))
            .finally(() => {
              tickets += 1;
              const [next] = waiting;
              next?.();
            })
            .then(resolve, reject);
        };
        const leave = () => {
          waiting.delete(start);
          reject(signal?.reason);
        };
        if (tickets > 0) return start();
        waiting.add(start);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
