import type { Clock } from '../clock/index.ts';

/**
 * How many timers `body` has left behind when it has ended and `restMs` have passed: set, neither fired nor cleared, and
 * keeping the process from ending.
 */
export async function timersLeftBy(
  clock: Pick<Clock, 'sleep'>,
  body: () => Promise<unknown>,
  restMs = 1,
): Promise<number> {
  const timers = watchTimers();
  try {
    await body();
    await clock.sleep(restMs);
    return timers.open();
  } finally {
    timers.stop();
  }
}

interface WatchedTimers {
  open(): number;
  /** Watches no longer. */
  stop(): void;
}

/** Watches the timers that are set from now on. What a promise or a handle does besides stays as it is. */
function watchTimers(): WatchedTimers {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const running = new Set<NodeJS.Timeout>();
  const watched = {
    setTimeout(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): NodeJS.Timeout {
      const timer = setTimeout(() => {
        running.delete(timer);
        callback(...args);
      }, ms);
      running.add(timer);
      return timer;
    },
    setInterval(...given: Parameters<typeof setInterval>): NodeJS.Timeout {
      const timer = setInterval(...given);
      running.add(timer);
      return timer;
    },
    clearTimeout(timer: NodeJS.Timeout): void {
      running.delete(timer);
      clearTimeout(timer);
    },
    clearInterval(timer: NodeJS.Timeout): void {
      running.delete(timer);
      clearInterval(timer);
    },
  };
  Object.assign(watched.setTimeout, setTimeout);
  Object.assign(globalThis, watched);
  return {
    open: () => [...running].filter((timer) => timer.hasRef()).length,
    stop: () => {
      Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
    },
  };
}
