import type OpenAI from 'openai';
import type { AzureOpenAI } from 'openai';

/** What people ask ContentFlow for: five kinds of work that need five kinds of care. */
export type Segment = 'faq' | 'account' | 'document' | 'expert' | 'tagging';

export interface Request {
  id: string;
  segment: Segment;
  tenant: string;
  user: { tenant: string; name: string; plan: string };
  /** What the user typed. All but questions of the help page name the request's id. */
  question: string;
  /** What a search found for it, best match first. What fits well is found twice. */
  docs: Doc[];
  /** When the answer has to be there, by `performance.now()`: 30 hours on. Absent where somebody waits for it. */
  dueMs?: number;
}

export interface Doc {
  id: string;
  text: string;
}

/** A piece of an answer. */
export interface Chunk {
  text: string;
  /** Says that this is less than was asked for, and why. */
  degraded?: 'overload' | 'allowance';
}

export interface Assistant {
  handle(request: Request): AsyncIterable<Chunk>;
}

/** What can be switched off. Each has an effect of its own, and without it the assistant does as the naive one does. */
export type Optimization =
  /** A help question is answered without a call, */
  | 'intelligent_caching'
  /** a prompt begins with what the provider finds in its cache, */
  | 'prefix_layout'
  /** what was found twice is sent once, */
  | 'prompt_compression'
  /** a small model is asked where it is good enough, */
  | 'model_downgrading'
  /** tags are asked for together, */
  | 'request_batching'
  /** words are shown as they come, */
  | 'streaming'
  /** the reserved deployment takes its share. */
  | 'load_balancing';

/** What an assistant works with. */
export interface Context {
  /** Pay as you go: many requests a minute, as fast as a busy region is. */
  openai: OpenAI;
  /** A reserved deployment of the same models: faster and steadier, and for few requests at a time. */
  azure: AzureOpenAI;
  /** Names of the models: `model` at OpenAI, `deployment` at Azure. */
  models: Record<'strong' | 'small', ModelNames>;
  /** At OpenAI only. */
  embeddings: { model: string; dimensions: number };
  /** What OpenAI counts for each model, and how many requests Azure takes of each in every slice of time from 0. */
  limits: {
    openai: { rpm: number; tpm: number };
    azure: { requests: number; sliceMs: number };
  };
  /** Rules that belong in front of every request of a tenant. */
  rules(tenant: string): string;
  /** The help page of a tenant as of now, one topic a line. It gets a new edition in the course of the day. */
  handbook(tenant: string): { edition: number; text: string };
  /** Experts answer this tenant's questions on a prepaid allowance: not a micro-dollar more in the whole day. */
  allowance: { tenant: string; microUsd: number };
  /** Most answers that a cache may hold at one time. */
  cacheEntries: number;
  /** How last week's requests came out, by segment and `ModelNames.model`, as lab 2.6 takes them. */
  samples: { kind: string; model: string; right: boolean; score: number }[];
  /** Last week's questions with the most similar other one, and whether both have the same answer, as lab 3.6 takes them. */
  pairs: { question: string; neighbour: string; similarity: number; same: boolean }[];
  random: () => number;
}

/**
 * A model, and what a token of it costs in micro-dollars. A call is billed in whole micro-dollars, a refused one costs
 * nothing, an aborted one what it had read and written.
 */
export interface ModelNames {
  model: string;
  deployment: string;
  inputMicroUsd: number;
  /** Input that is read from the prompt cache, */
  cachedMicroUsd: number;
  /** and input that is written to it. Without a breakpoint of yours the provider writes the whole prompt. */
  writeMicroUsd: number;
  outputMicroUsd: number;
  /** `reasoning_effort` with which it answers soonest. Left out, it thinks first, and bills that as output. */
  effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
}
