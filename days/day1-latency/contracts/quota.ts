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
