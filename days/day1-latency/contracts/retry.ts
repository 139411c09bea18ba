import type OpenAI from 'openai';

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

export type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;
