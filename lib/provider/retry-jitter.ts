import OpenAI from 'openai';
import { hash32, randomFor } from './random.ts';

type Retry = (this: unknown, asked: object, retriesLeft: number, ...rest: unknown[]) => Promise<unknown>;

/**
 * The SDK spreads its retries by one draw from `Math.random`, taken before `retryRequest` first waits. Here that draw is
 * keyed by the request and the retry, so that nothing else that draws can move it. Returns what undoes it.
 */
export function keyRetryJitter(seed: number): () => void {
  const sdk = OpenAI.prototype as unknown as { retryRequest: Retry };
  const original = sdk.retryRequest;
  const seen = new Map<string, number>();
  sdk.retryRequest = function (asked, retriesLeft, ...rest) {
    const key = JSON.stringify([asked, retriesLeft], (name, value) =>
      name === 'signal' ? undefined : value,
    );
    const repeat = seen.get(key) ?? 0;
    seen.set(key, repeat + 1);
    const draw = Math.random;
    const random = randomFor(seed, 'retry', hash32(key), repeat);
    Math.random = () => random.next();
    try {
      return original.call(this, asked, retriesLeft, ...rest);
    } finally {
      Math.random = draw;
    }
  };
  return () => {
    sdk.retryRequest = original;
  };
}

/**
 * `Math.random` for a play: keyed by the moment and by how many draws came before in it, so that a draw more does not
 * change the draws of later moments.
 */
export function keyedMathRandom(seed: number, now: () => number): () => number {
  let momentMs = Number.NaN;
  let random = randomFor(seed, 'Math.random', 'before');
  return () => {
    const nowMs = now();
    if (nowMs !== momentMs) random = randomFor(seed, 'Math.random', nowMs);
    momentMs = nowMs;
    return random.next();
  };
}
