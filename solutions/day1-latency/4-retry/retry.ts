import OpenAI from 'openai';
import type { Attempt, Request, RetryBudget, RetryPolicy } from '#course/day1-latency/contracts/retry.ts';

/** Ten tenths are a little less than one for a computer. */
const TINY = 1e-9;

/** Holds `reserve` retries, loses one with each retry and gains `share` of one with each operation, up to `reserve`. */
export function createBudget(share: number, reserve: number): RetryBudget {
  let left = reserve;
  return {
    earn() {
      left = Math.min(reserve, left + share);
    },
    spend() {
      if (left < 1 - TINY) return false;
      left -= 1;
      return true;
    },
  };
}

/** Runs the operation again when it fails, if that may help and may be done. Rejects with the last error. */
export async function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts, deadlineMs, baseMs, budget }: RetryPolicy,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  const signal = AbortSignal.timeout(deadlineMs);
  // Not every operation listens to its signal.
  const deadline = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  let committed = false;
  const commit = () => {
    committed = true;
  };
  budget.earn();
  for (let number = 1; ; number += 1) {
    try {
      return await Promise.race([operation({ number, signal, commit }), deadline]);
    } catch (error) {
      if (committed || number === attempts || !mayPass(error)) throw error;
      // What the provider asks for, and the spread on top of it: less would come too early, a maximum all at once.
      const waitMs = askedWaitMs(error) + Math.random() * baseMs * 2 ** (number - 1);
      if (performance.now() + waitMs >= endMs || !budget.spend()) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

type Failure = InstanceType<typeof OpenAI.APIError>;

/** True if the same request may succeed later. */
function mayPass(error: unknown): error is Failure {
  if (error instanceof OpenAI.APIConnectionError) return true;
  if (!(error instanceof OpenAI.APIError) || error.code === 'insufficient_quota') return false;
  // Your own abort is an APIError too, and has no status.
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}

/** The wait that the provider names in its headers, in milliseconds, in seconds or by a date; 0 if it names none. */
function askedWaitMs({ headers }: Failure): number {
  const after = headers?.get('retry-after') ?? '';
  const waits = [
    Number.parseFloat(headers?.get('retry-after-ms') ?? ''),
    Number.parseFloat(after) * 1000,
    Date.parse(after) - Date.now(),
  ];
  return waits.find((ms) => ms >= 0) ?? 0;
}

/** Asks for one answer. */
export function ask(client: OpenAI, request: Request, policy: RetryPolicy): Promise<OpenAI.ChatCompletion> {
  return withRetry(
    ({ signal }) => client.chat.completions.create(request, { signal, maxRetries: 0 }),
    policy,
  );
}
