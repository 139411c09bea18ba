import OpenAI from 'openai';
import type { BuiltPrompt } from '../../day2-tokens/contracts/build-prompt.ts';
import type { Job } from '../../day2-tokens/contracts/fewer-calls.ts';
import type { Context, ModelNames, Request } from '../contracts/assistant.ts';

/* What the week has built and what every assistant needs, ready to use. */

/** What is asked of a model. */
export interface Ask {
  prompt: BuiltPrompt;
  model: ModelNames;
  /** The most that the answer may take. */
  maxTokens: number;
  /** Told what the call has used. */
  onUsage?: (usage: OpenAI.CompletionUsage) => void;
}

/** The prompt of the naive assistant: the time first, and everything that was found as it comes. */
export function naivePrompt({ rules, handbook }: Context, request: Request): BuiltPrompt {
  const { segment, tenant, user, question, docs } = request;
  const found = segment === 'faq' ? [handbook(tenant).text] : docs.map(({ text }) => text);
  const now = `It is ${new Date().toISOString()}. You are talking to ${user.name} (${user.plan} plan).`;
  return {
    messages: [
      { role: 'system', content: now },
      { role: 'system', content: [rules(tenant), ...found].join('\n\n') },
      { role: 'user', content: question },
    ],
    tools: [],
    cacheKey: '',
    cacheMode: 'implicit',
  };
}

/** Sends a prompt and yields the words of the answer: as they come, or all at the end. Nothing is tried again. */
export async function* send(
  client: OpenAI,
  model: string,
  { prompt, model: { effort }, maxTokens, onUsage }: Ask,
  streaming = true,
): AsyncGenerator<string> {
  const body = {
    model,
    messages: prompt.messages,
    max_completion_tokens: maxTokens,
    reasoning_effort: effort,
    prompt_cache_options: { mode: prompt.cacheMode },
    ...(prompt.cacheKey && { prompt_cache_key: prompt.cacheKey }),
  };
  if (!streaming) {
    const { choices, usage } = await client.chat.completions.create(body, { maxRetries: 0 });
    if (usage) onUsage?.(usage);
    return yield choices[0]?.message.content ?? '';
  }
  const how = { stream: true, stream_options: { include_usage: true } } as const;
  const chunks = await client.chat.completions.create({ ...body, ...how }, { maxRetries: 0 });
  for await (const { choices, usage } of chunks) {
    if (usage) onUsage?.(usage);
    if (choices[0]?.delta.content) yield choices[0].delta.content;
  }
}

/** True if the same request may succeed a moment later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof OpenAI.APIConnectionError) return true;
  return error instanceof OpenAI.APIError && (error.status === 429 || Number(error.status) >= 500);
}

/** What a call cost, in micro-dollars: each token of the input is fresh, read from the prompt cache, or written to it. */
export function costOf(usage: OpenAI.CompletionUsage, model: ModelNames): number {
  const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = usage.prompt_tokens_details ?? {};
  const microUsd =
    (usage.prompt_tokens - read - written) * model.inputMicroUsd +
    read * model.cachedMicroUsd +
    written * model.writeMicroUsd +
    usage.completion_tokens * model.outputMicroUsd;
  return Math.ceil(microUsd);
}

/** No text has more tokens than half its characters, with the frames around the messages. */
export function mostTokens({ messages }: BuiltPrompt): number {
  return Math.ceil(JSON.stringify(messages).length / 2);
}

/** Embeds texts in lower case, and remembers the vectors of so many. */
export function createEmbed({ openai, embeddings, cacheEntries }: Context) {
  const vectors = new Map<string, Promise<Float32Array>>();
  const ask = async (input: string) => {
    const { data } = await openai.embeddings.create({ ...embeddings, input });
    return Float32Array.from(data[0]?.embedding ?? []);
  };
  const vectorOf = (text: string) => {
    if (vectors.size > cacheEntries) vectors.clear();
    const vector = vectors.get(text) ?? ask(text);
    vectors.set(text, vector);
    return vector;
  };
  return (texts: string[]) => Promise.all(texts.map((text) => vectorOf(text.toLowerCase())));
}

/** Counts what is sent to each deployment in each slice of time, which begin at 0. */
export function createSlices({ requests, sliceMs }: Context['limits']['azure']) {
  const sent = new Map<string, number>();
  return {
    /** Takes one of the places of this slice; false if none is left. */
    take(deployment: string): boolean {
      const slice = `${deployment} ${Math.floor(performance.now() / sliceMs)}`;
      const already = sent.get(slice) ?? 0;
      sent.set(slice, already + 1);
      return already < requests;
    },
    nextInMs: () => sliceMs - (performance.now() % sliceMs) + 1,
  };
}

/** A request as `runBatch` of lab 2.7 takes it. */
export function jobFor({ rules }: Context, request: Request, { model }: ModelNames): Job {
  const { id, tenant, segment: type, question, dueMs = 0 } = request;
  const text = `${question}\n${rules(tenant)}`;
  return { id, tenant, type, model, text, dueMs, inputTokens: 0, outputTokens: 0 };
}

/** Collects items for a while and hands them over together. Each gets what `run` finds for its id. */
export function createCollector<T extends { id: string }>(
  waitMs: number,
  run: (items: T[]) => Promise<Map<string, string>>,
): (item: T) => Promise<string | undefined> {
  let group: { items: T[]; answers: Promise<Map<string, string>> } | undefined;
  const begin = () => {
    const items: T[] = [];
    const answers = sleep(waitMs).then(() => {
      group = undefined;
      return run(items);
    });
    return { items, answers };
  };
  return async (item) => {
    group ??= begin();
    group.items.push(item);
    return (await group.answers).get(item.id);
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
