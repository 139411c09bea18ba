import type { Clock } from '../../lib/clock/index.ts';

/** A clock that stands still until the test moves it, while everything else (sockets, a browser) runs in real time. */
export interface StepClock extends Clock {
  /** Moves time on by `ms`, waking each sleeper when its moment comes. */
  advance(ms: number): Promise<void>;
}

export function createStepClock(): StepClock {
  let nowMs = 0;
  const sleepers = new Set<{ dueMs: number; wake: () => void }>();

  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        const sleeper = { dueMs: nowMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', leave, { once: true });
      }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = [...sleepers].filter((it) => it.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
        if (!next) break;
        nowMs = Math.max(nowMs, next.dueMs);
        next.wake();
        await turn();
      }
      nowMs = untilMs;
    },
  };
}

/** Lets all code run that has something to do now. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
