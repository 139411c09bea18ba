export const rejectedBy = 'keeps to the quota where two minutes meet';

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

interface Waiting {
  tokens: number;
  admit(): void;
}

/** Counts in windows of a minute and starts anew at zero: twice the quota fits around the edge. */
export function createQuota({ rpm, tpm }: Limits): Quota {
  const queue: Waiting[] = [];
  let windowEndMs = 0;
  let requests = 0;
  let tokens = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    acquire(estimatedTokens, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (estimatedTokens > tpm)
          return reject(new RangeError(`${estimatedTokens} tokens never fit into ${tpm} a minute.`));
        const waiting: Waiting = {
          tokens: estimatedTokens,
          admit() {
            signal?.removeEventListener('abort', leave);
            const windowMs = windowEndMs;
            resolve({
              settle(usedTokens) {
                if (windowMs !== windowEndMs) return;
                tokens += usedTokens - estimatedTokens;
                serve();
              },
            });
          },
        };
        const leave = () => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal?.reason);
          serve();
        };
        signal?.addEventListener('abort', leave, { once: true });
        queue.push(waiting);
        serve();
      });
    },
  };

  function serve(): void {
    clearTimeout(timer);
    const nowMs = performance.now();
    if (nowMs >= windowEndMs) {
      windowEndMs = nowMs + 60_000;
      requests = 0;
      tokens = 0;
    }
    for (let first = queue[0]; first; first = queue[0]) {
      if (requests + 1 > rpm || tokens + first.tokens > tpm) {
        timer = setTimeout(serve, windowEndMs - nowMs);
        return;
      }
      requests += 1;
      tokens += first.tokens;
      queue.shift();
      first.admit();
    }
  }
}
