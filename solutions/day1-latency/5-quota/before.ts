import type { Limits, Quota } from '#course/day1-latency/contracts/quota.ts';

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
