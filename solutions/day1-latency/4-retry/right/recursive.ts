import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { Attempt, RetryBudget, RetryPolicy } from '#course/day1-latency/contracts/retry.ts';

/** Counts both sides and compares, instead of keeping a purse. */
export function createBudget(share: number, reserve: number): RetryBudget {
  let operations = 0;
  let retries = 0;
  return {
    earn() {
      operations += 1;
      // What was not used in time is forgotten.
      retries = Math.max(retries, operations * share);
    },
    spend() {
      const free = retries - operations * share + 1 <= reserve;
      if (free) retries += 1;
      return free;
    },
  };
}

/** Calls itself for each further attempt. The pause grows from the last one, and the deadline interrupts it. */
export function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts, deadlineMs, baseMs, budget }: RetryPolicy,
): Promise<T> {
  const signal = AbortSignal.timeout(deadlineMs);
  budget.earn();
  return attempt(1, baseMs);

  async function attempt(number: number, mostMs: number): Promise<T> {
    let final = number >= attempts;
    const commit = () => {
      final = true;
    };
    try {
      return await operation({ number, signal, commit });
    } catch (error) {
      if (final || !(error instanceof OpenAI.APIError) || !passes(error)) throw error;
      if (!budget.spend()) throw error;
      const pauseMs = Math.random() * mostMs;
      // Gives up at the deadline if the pause lasts longer.
      await sleep(askedMs(error) + pauseMs, undefined, { signal }).catch(() => Promise.reject(error));
      return attempt(number + 1, Math.max(mostMs, pauseMs * 2));
    }
  }
}

type Failure = InstanceType<typeof OpenAI.APIError>;

const PASSING = [
  OpenAI.APIConnectionError,
  OpenAI.ConflictError,
  OpenAI.RateLimitError,
  OpenAI.InternalServerError,
];

function passes(error: Failure): boolean {
  if (error instanceof OpenAI.RateLimitError && error.code === 'insufficient_quota') return false;
  return error.status === 408 || PASSING.some((kind) => error instanceof kind);
}

function askedMs({ headers }: Failure): number {
  const inMs = headers?.get('retry-after-ms');
  return inMs ? Number.parseFloat(inMs) : Number.parseFloat(headers?.get('retry-after') ?? '0') * 1000;
}

/** Asks for one answer. */
export async function ask(
  client: OpenAI,
  body: OpenAI.ChatCompletionCreateParamsNonStreaming,
  policy: RetryPolicy,
): Promise<OpenAI.ChatCompletion> {
  const calm = client.withOptions({ maxRetries: 0 });
  return await withRetry(({ signal }) => calm.chat.completions.create(body, { signal }), policy);
}
