import type { Limits, Quota } from '#course/day1-latency/contracts/quota.ts';

interface Waiting {
  tokens: number;
  admit(): void;
}

/** Lets requests through so that the provider never has to refuse one. */
export function createQuota({ rpm, tpm }: Limits): Quota {
  const requests = createBucket(rpm);
  const tokens = createBucket(tpm);
  const queue: Waiting[] = [];
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
            resolve({
              settle(usedTokens) {
                tokens.take(usedTokens - estimatedTokens);
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

  /** Admits from the front of the queue what both buckets have room for, and comes back when the next one fits. */
  function serve(): void {
    clearTimeout(timer);
    for (let first = queue[0]; first; first = queue[0]) {
      const waitMs = Math.max(requests.waitMs(1), tokens.waitMs(first.tokens));
      if (waitMs > 0) {
        timer = setTimeout(serve, Math.ceil(waitMs));
        return;
      }
      requests.take(1);
      tokens.take(first.tokens);
      queue.shift();
      first.admit();
    }
  }
}

/** Holds a minute's worth and refills all the time. Nothing runs for that: the level is computed when it is asked for. */
function createBucket(perMinute: number) {
  const perMs = perMinute / 60_000;
  let level = perMinute;
  let atMs = performance.now();
  const refill = () => {
    const nowMs = performance.now();
    level = Math.min(perMinute, level + (nowMs - atMs) * perMs);
    atMs = nowMs;
  };
  return {
    /** How long until so much is there. */
    waitMs(amount: number): number {
      refill();
      return Math.max(0, (amount - level) / perMs);
    },
    /** Takes so much out, or puts it back if it is negative. */
    take(amount: number): void {
      refill();
      level = Math.min(perMinute, level - amount);
    },
  };
}
