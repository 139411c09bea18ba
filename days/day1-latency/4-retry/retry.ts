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

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** Asks for one answer. */
export function ask(client: OpenAI, request: Request, policy: RetryPolicy): Promise<OpenAI.ChatCompletion> {
  return withRetry(({ signal }) => client.chat.completions.create(request, { signal }), policy);
}
