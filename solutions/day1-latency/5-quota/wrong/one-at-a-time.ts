export const rejectedBy = 'sends no more requests than the minute has room for';

export interface Limits {
  /** Requests a minute. */
  rpm: number;
  /** Tokens a minute. */
  tpm: number;
}

export interface Quota {
  /**
   * Resolves when a request of about so many tokens may be sent: in the order of the calls, and as soon as the quota
   * has room for it. Rejects with the signal's reason when that aborts, and with a RangeError if it can never fit.
   */
  acquire(estimatedTokens: number, signal?: AbortSignal): Promise<Lease>;
}

export interface Lease {
  /** Tells how many tokens the request has really used, when its answer is there. */
  settle(usedTokens: number): void;
}

/** A semaphore with one place: a limit on how many run, and calls of half a second are still 120 a minute. */
export function createQuota({ tpm }: Limits): Quota {
  let last: Promise<void> = Promise.resolve();
  return {
    async acquire(estimatedTokens, signal) {
      if (estimatedTokens > tpm) throw new RangeError(`${estimatedTokens} tokens never fit.`);
      const before = last;
      let settle = () => {};
      last = new Promise((resolve) => {
        settle = resolve;
      });
      await before;
      signal?.throwIfAborted();
      return { settle };
    },
  };
}
