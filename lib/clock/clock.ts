/** As much of an `AbortSignal` as a wait needs; a real one is made slowly, so whoever has many may bring a lighter one. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Time as the simulator sees it. Everything that waits takes a clock, so that a check can own time. */
export interface Clock {
  /** Milliseconds since this clock started. */
  now(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: number, signal?: StopSignal): Promise<void>;
}

type SetTimer = (wake: () => void, ms: number) => unknown;
type ClearTimer = (timer: never) => void;

/** A `sleep` made of any pair of timer functions; both clocks are built on it. */
export function sleepWith(setTimer: SetTimer, clearTimer: ClearTimer): Clock['sleep'] {
  return (ms, signal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimer(timer as never);
        reject(signal?.reason);
      };
      const timer = setTimer(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
}
