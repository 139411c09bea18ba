import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { Attempt, RetryBudget, RetryPolicy } from '#course/day1-latency/contracts/retry.ts';

/** Counts both sides in thousandths and compares, instead of keeping a purse. */
export function createBudget(share: number, reserve: number): RetryBudget {
  const most = Math.round(reserve * 1000);
  let earned = most;
  let spent = 0;
  return {
    earn() {
      // What is not used in time is forgotten.
      earned = Math.min(spent + most, earned + Math.round(share * 1000));
    },
    spend() {
      const free = earned - spent >= 1000;
      if (free) spent += 1000;
      return free;
    },
  };
}

/** Calls itself for each further attempt, and leaves all of them behind at the deadline, which also interrupts a pause. */
export function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts, deadlineMs, baseMs, budget }: RetryPolicy,
): Promise<T> {
  const signal = AbortSignal.timeout(deadlineMs);
  budget.earn();
  return Promise.race([attempt(1, baseMs), aborted(signal)]);

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
      // Gives up at the deadline if the pause lasts longer.
      await sleep(askedMs(error) + Math.random() * mostMs, undefined, { signal }).catch(() =>
        Promise.reject(error),
      );
      return attempt(number + 1, mostMs * 2);
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
  const inMs = Number(headers?.get('retry-after-ms') || Number.NaN);
  if (inMs >= 0) return inMs;
  const after = headers?.get('retry-after') ?? '0';
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : new Date(after).getTime() - Date.now();
  return Math.max(0, ms || 0);
}

async function aborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
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
