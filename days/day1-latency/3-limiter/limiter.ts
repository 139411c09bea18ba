import type { Limiter } from '#course/day1-latency/contracts/limiter.ts';

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
