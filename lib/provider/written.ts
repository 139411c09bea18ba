import type { Random } from './random.ts';

/** What an answer is made from. */
export interface AnswerRequest {
  /** Text of the last user message. */
  prompt: string;
  messages: readonly { role: string; content?: unknown }[];
  model: string;
  random: Random;
  /** Seed of the run, for draws that must not depend on the wording of the request. */
  seed: number;
  /** Tools offered, by name. */
  tools: readonly string[];
  /** The schema asked for by `response_format`, or undefined. */
  schema: Record<string, unknown> | undefined;
  /** Plain sentences of about so many tokens, for answers whose length matters and whose words do not. */
  sentences(tokens: number): string;
}

/** An answer that is more than a text. */
export interface WrittenAnswer {
  content?: string;
  toolCalls?: readonly { name: string; arguments: Record<string, unknown> }[];
  /** The model declines. */
  refusal?: string;
}

export type WriteAnswer = (request: AnswerRequest) => string | WrittenAnswer | undefined;
