import { type Clock, sleepWith } from './clock.ts';

/** The wall clock, for runs at human speed. Starts at 0 when it is made. */
export function createRealClock(): Clock {
  const startMs = performance.now();
  return {
    now: () => performance.now() - startMs,
    sleep: sleepWith(setTimeout, clearTimeout),
  };
}
