import type { Limits, Quota } from '#course/day1-latency/contracts/quota.ts';

/** How much may go out at once: a third of a minute's worth. The rest is spread evenly. */
const BURST_MS = 20_000;

/**
 * Keeps one moment for each limit, the one until which it is spoken for. A request moves it on by what it costs, a
 * refund moves it back, and it may not be further ahead than the burst allows (the "generic cell rate algorithm").
 */
export function createQuota({ rpm, tpm }: Limits): Quota {
  const line: { tokens: number; go: () => void }[] = [];
  let requestsUntilMs = 0;
  let tokensUntilMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    async acquire(estimatedTokens, signal) {
      if (estimatedTokens > tpm) throw new RangeError('More tokens than a minute has.');
      signal?.throwIfAborted();
      const place = { tokens: estimatedTokens, go: () => {} };
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          line.splice(line.indexOf(place), 1);
          reject(signal?.reason);
          move();
        };
        place.go = () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        signal?.addEventListener('abort', leave);
        line.push(place);
        move();
      });
      return {
        settle(usedTokens) {
          tokensUntilMs =
            Math.max(tokensUntilMs, performance.now()) + costMs(usedTokens - estimatedTokens, tpm);
          move();
        },
      };
    },
  };

  function move(): void {
    clearTimeout(timer);
    const nowMs = performance.now();
    const [first] = line;
    if (!first) return;
    const requestMs = costMs(1, rpm);
    const tokensMs = costMs(first.tokens, tpm);
    requestsUntilMs = Math.max(requestsUntilMs, nowMs);
    tokensUntilMs = Math.max(tokensUntilMs, nowMs);
    // One that is larger than the burst has to wait until nothing else is spoken for.
    const waitMs = Math.max(
      requestsUntilMs + requestMs - nowMs - BURST_MS,
      tokensUntilMs - nowMs - Math.max(0, BURST_MS - tokensMs),
    );
    if (waitMs > 0) {
      timer = setTimeout(move, Math.ceil(waitMs));
      return;
    }
    line.shift();
    requestsUntilMs += requestMs;
    tokensUntilMs += tokensMs;
    first.go();
    move();
  }
}

function costMs(amount: number, perMinute: number): number {
  return (amount / perMinute) * 60_000;
}
