import OpenAI from 'openai';

export interface Attempt {
  /** 1 for the first. */
  number: number;
  /** Aborts at the deadline. */
  signal: AbortSignal;
  /** The operation calls it when something happens that must not happen twice: text is shown, a tool runs. */
  commit(): void;
}

export interface RetryPolicy {
  /** Most attempts, the first included. */
  attempts: number;
  /** From the call of `withRetry`; after that nobody waits for the answer any more. */
  deadlineMs: number;
  /** The pause before the second attempt is drawn from 0 to here, and from twice that before each further one. */
  baseMs: number;
  /** Shared by everybody who asks the same provider. */
  budget: RetryBudget;
}

export interface RetryBudget {
  /** A new operation begins. */
  earn(): void;
  /** Takes one retry; false if there is none left. */
  spend(): boolean;
}

/** Holds `reserve` retries, loses one with each retry and gains `share` of one with each operation, up to `reserve`. */
export function createBudget(share: number, reserve: number): RetryBudget {
  let left = reserve;
  return {
    earn() {
      left = Math.min(reserve, left + share);
    },
    spend() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

export const rejectedBy = 'waits as long as the provider asks, and for the jitter on top';

/** Reads the one header and not the other: where only seconds are named, it does not wait. */
export async function withRetry<T>(
  operation: (attempt: Attempt) => Promise<T>,
  { attempts, deadlineMs, baseMs, budget }: RetryPolicy,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  const signal = AbortSignal.timeout(deadlineMs);
  let committed = false;
  const commit = () => {
    committed = true;
  };
  budget.earn();
  for (let number = 1; ; number += 1) {
    try {
      return await operation({ number, signal, commit });
    } catch (error) {
      if (committed || number === attempts || !mayPass(error)) throw error;
      // What the provider asks for, and the spread on top of it: less would come too early, a maximum all at once.
      const waitMs = askedWaitMs(error) + Math.random() * baseMs * 2 ** (number - 1);
      if (performance.now() + waitMs >= endMs || !budget.spend()) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** True if the same request may succeed later. */
function mayPass(error: unknown): boolean {
  if (error instanceof OpenAI.APIUserAbortError) return false;
  if (error instanceof OpenAI.APIConnectionError) return true;
  if (!(error instanceof OpenAI.APIError) || error.code === 'insufficient_quota') return false;
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}

/** The wait that the provider names in its headers; 0 if it names none. */
function askedWaitMs(error: unknown): number {
  const headers = error instanceof OpenAI.APIError ? error.headers : undefined;
  return Number(headers?.get('retry-after-ms') ?? 0);
}

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** Asks for one answer. */
export function ask(client: OpenAI, request: Request, policy: RetryPolicy): Promise<OpenAI.ChatCompletion> {
  return withRetry(
    ({ signal }) => client.chat.completions.create(request, { signal, maxRetries: 0 }),
    policy,
  );
}
