import OpenAI from 'openai';
import type { Attempt, Request, RetryBudget, RetryPolicy } from '#course/day1-latency/contracts/retry.ts';

/** Counts in millionths, which add up exactly. */
class Purse implements RetryBudget {
  readonly #share: number;
  readonly #most: number;
  #held: number;

  constructor(share: number, reserve: number) {
    this.#share = Math.round(share * 1e6);
    this.#most = Math.round(reserve * 1e6);
    this.#held = this.#most;
  }

  earn(): void {
    this.#held = Math.min(this.#most, this.#held + this.#share);
  }

  spend(): boolean {
    if (this.#held < 1e6) return false;
    this.#held -= 1e6;
    return true;
  }
}

export function createBudget(share: number, reserve: number): RetryBudget {
  return new Purse(share, reserve);
}

/** Two timers and no loop: one for the deadline, one for the pause. Whatever ends first clears both. */
export function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts, deadlineMs, baseMs, budget }: RetryPolicy,
): Promise<T> {
  budget.earn();
  const deadline = new AbortController();
  let pause: NodeJS.Timeout | undefined;
  let committed = false;
  return new Promise<T>((resolve, reject) => {
    const over = setTimeout(() => {
      deadline.abort(new Error(`No answer within ${deadlineMs} ms.`));
      fail(deadline.signal.reason);
    }, deadlineMs);
    const fail = (error: unknown) => {
      clearTimeout(over);
      clearTimeout(pause);
      reject(error);
    };
    const start = (number: number) => {
      const commit = () => {
        committed = true;
      };
      operation({ number, signal: deadline.signal, commit }).then(
        (value) => {
          clearTimeout(over);
          resolve(value);
        },
        (error) => {
          const again = !committed && number < attempts && isTemporary(error) && !deadline.signal.aborted;
          if (!again || !budget.spend()) return fail(error);
          const waitMs = askedMs(error.headers) + Math.random() * baseMs * 2 ** (number - 1);
          pause = setTimeout(() => start(number + 1), waitMs);
        },
      );
    };
    start(1);
  });
}

function isTemporary(error: { status?: number; code?: string }): boolean {
  if (error instanceof OpenAI.APIConnectionError) return true;
  const { status = 0, code } = error;
  if (status === 429) return code !== 'insufficient_quota';
  return status === 408 || status === 409 || status >= 500;
}

function askedMs(headers?: Headers): number {
  const ms = headers?.get('retry-after-ms') ?? '';
  if (/^\d/.test(ms)) return Number(ms);
  const after = headers?.get('retry-after') ?? '';
  if (/^\d/.test(after)) return Number(after) * 1000;
  return Math.max(0, (Date.parse(after) || 0) - Date.now());
}

/** Asks for one answer. */
export function ask(client: OpenAI, request: Request, policy: RetryPolicy): Promise<OpenAI.ChatCompletion> {
  return withRetry(
    ({ signal }) => client.chat.completions.create(request, { signal, maxRetries: 0 }),
    policy,
  );
}
