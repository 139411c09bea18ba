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
