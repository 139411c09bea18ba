import type { Limits, Quota } from '#course/day1-latency/contracts/quota.ts';

/** A chain: the turn of each comes when the one before it has been let through or has left. */
export function createQuota({ rpm, tpm }: Limits): Quota {
  let asked = rpm;
  let tokens = tpm;
  let seenMs = performance.now();
  let before: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  const look = () => {
    const nowMs = performance.now();
    const minutes = (nowMs - seenMs) / 60_000;
    seenMs = nowMs;
    asked = Math.min(rpm, asked + rpm * minutes);
    tokens = Math.min(tpm, tokens + tpm * minutes);
  };

  async function turn(amount: number, left: AbortSignal): Promise<void> {
    for (;;) {
      if (left.aborted) return;
      look();
      const minutes = Math.max((1 - asked) / rpm, (amount - tokens) / tpm);
      if (minutes <= 1e-12) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.ceil(minutes * 60_000));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
    }
    asked -= 1;
    tokens -= amount;
  }

  return {
    acquire(amount, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (amount > tpm) return Promise.reject(new RangeError(`more than ${tpm} tokens`));
      const left = new AbortController();
      const mine = before.then(() => turn(amount, left.signal));
      before = mine;
      return new Promise((resolve, reject) => {
        const leave = () => {
          left.abort();
          reject(signal?.reason);
          wake?.();
        };
        signal?.addEventListener('abort', leave, { once: true });
        mine.then(() => {
          signal?.removeEventListener('abort', leave);
          resolve({
            settle(used) {
              look();
              tokens = Math.min(tpm, tokens + amount - used);
              wake?.();
            },
          });
        });
      });
    },
  };
}
