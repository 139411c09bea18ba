import OpenAI from 'openai';
import type { Attempt, Request, RetryBudget, RetryPolicy } from '#course/day1-latency/contracts/retry.ts';

/** Holds `reserve` retries, loses one with each retry and gains `share` of one with each operation, up to `reserve`. */
export function createBudget(_share: number, _reserve: number): RetryBudget {
  return { earn() {}, spend: () => true };
}

/** Runs the operation again when it fails, if that may help and may be done. Rejects with the last error. */
export async function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts }: RetryPolicy,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await operation({ number, signal: new AbortController().signal, commit() {} });
    } catch (error) {
      // TODO: this tries again whatever the error says, for as long as it takes, in step with all other clients.
      if (number === attempts || !(error instanceof OpenAI.APIError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Asks for one answer. */
export function ask(client: OpenAI, request: Request, policy: RetryPolicy): Promise<OpenAI.ChatCompletion> {
  return withRetry(({ signal }) => client.chat.completions.create(request, { signal }), policy);
}
