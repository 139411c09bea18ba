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

/** Lets requests through so that the provider never has to refuse one. */
export function createQuota({ rpm }: Limits): Quota {
  // TODO: this limits how many requests run at one time. The provider counts requests and tokens in a minute.
  const places = Math.ceil(rpm / 6);
  const queue: (() => void)[] = [];
  let running = 0;
  return {
    async acquire() {
      if (running < places) running += 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
      return { settle };
    },
  };

  function settle(): void {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  }
}
