import OpenAI from 'openai';
import type { BuiltPrompt } from '#course/day2-tokens/contracts/build-prompt.ts';
import type { Job } from '#course/day2-tokens/contracts/fewer-calls.ts';
import type { Lease } from '#course/day4-metrics/contracts/budget.ts';
import type {
  Assistant,
  Chunk,
  Context,
  ModelNames,
  Request,
  Segment,
} from '#course/day5-nodejs/contracts/assistant.ts';
import { createQuota } from '#days/day1-latency/5-quota/quota.ts';
import { buildPrompt } from '#days/day2-tokens/5-prefix-layout/build-prompt.ts';
import { createRouter } from '#days/day2-tokens/6-routing/route-tasks.ts';
import { runBatch } from '#days/day2-tokens/7-fewer-calls/fewer-calls.ts';
import { chooseThreshold, SemanticCache } from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { Budget } from '#days/day4-metrics/3-budgets/budget.ts';

/** Names of what this assistant does to be fast and cheap. Whoever calls it can switch each of them off. */
export const optimizations = [
  'intelligent_caching',
  'prefix_layout',
  'prompt_compression',
  'model_downgrading',
  'request_batching',
  'streaming',
  'load_balancing',
] as const;

/** What is asked of a model: the prompt, and the most that the answer may take. */
interface Ask {
  prompt: BuiltPrompt;
  model: ModelNames;
  maxTokens: number;
  /** Told what the call has used. */
  onUsage?: (usage: OpenAI.CompletionUsage) => void;
}

/** An assistant for one day. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { rules, handbook, models, samples } = context;
  const isOn = (name: (typeof optimizations)[number]) => !off.has(name);
  const route = createRouter(
    samples,
    [models.small, models.strong].map(({ model, inputMicroUsd }) => ({
      name: model,
      microUsd: inputMicroUsd,
    })),
  );
  const choices = new Map<Segment, string>();
  const cache = createHelpCache(context);
  const stream = createLanes(context, isOn);
  const tagging = createTagging(context);
  const allowance = createAllowance(context);

  return {
    async *handle(request) {
      if (request.segment === 'faq' && isOn('intelligent_caching')) yield* cached(request);
      else if (request.segment === 'tagging' && isOn('request_batching')) yield* collected(request);
      else if (request.segment === 'expert' && request.tenant === context.allowance.tenant)
        yield* prepaid(request);
      else yield* say(stream(askFor(request)));
    },
  };

  async function* cached(request: Request): AsyncGenerator<Chunk> {
    // The edition that the answer is going to be made from, not the one that is valid when it is there.
    const query = cache.queryFor(request, handbook(request.tenant).edition);
    const hit = await cache.lookup(query);
    if (hit) return yield { text: hit.text };
    let text = '';
    for await (const piece of stream(askFor(request))) {
      text += piece;
      yield { text: piece };
    }
    await cache.store(query, { text });
  }

  /** A line of a batch can fail by itself; it is asked again at the full price. */
  async function* collected(request: Request): AsyncGenerator<Chunk> {
    const text = await tagging(request, modelFor(request));
    if (text === undefined) yield* say(stream(askFor(request)));
    else yield { text };
  }

  /** The dearest that a question can come to is put aside before it is asked. */
  async function* prepaid(request: Request): AsyncGenerator<Chunk> {
    const ask = askFor(request);
    const bill = allowance(ask);
    if (!bill)
      return yield { text: 'Today’s allowance for expert questions is used up.', degraded: 'allowance' };
    try {
      yield* say(stream({ ...ask, onUsage: bill.charge }));
    } finally {
      bill.close();
    }
  }

  async function* say(pieces: AsyncIterable<string>): AsyncGenerator<Chunk> {
    for await (const text of pieces) yield { text };
  }

  /** Samples are of a segment, so the choice is made once for each. */
  function modelFor({ id, segment, question }: Request): ModelNames {
    if (!isOn('model_downgrading')) return models.strong;
    const task = { id, kind: segment, text: question, live: true, picture: 'none' } as const;
    const chosen = choices.get(segment) ?? route(task).models[0] ?? '';
    choices.set(segment, chosen);
    return chosen === models.small.model ? models.small : models.strong;
  }

  function askFor(request: Request): Ask {
    const { segment, tenant, user, question } = request;
    const page = { id: 'help', text: handbook(tenant).text };
    const found = segment === 'faq' ? [page] : request.docs;
    const once = [...new Map(found.map((doc) => [doc.id, doc])).values()];
    const docs = isOn('prompt_compression') ? once : found;
    const parts = { rules: rules(tenant), tools: [], examples: '', docs, user, question };
    return {
      prompt: isOn('prefix_layout') ? layOut(parts, segment !== 'expert') : timeFirst(parts),
      model: modelFor(request),
      maxTokens: segment === 'expert' ? 100 : 60,
    };
  }
}

type Parts = Omit<Parameters<typeof buildPrompt>[0], 'now' | 'reused'>;

const MARK = { prompt_cache_breakpoint: { mode: 'explicit' } } as const;

/**
 * What the requests of a tenant share ends with the system message: marked there, it is written once and read by the
 * others. A case is hardly ever asked about again while it is kept, so writing it would cost more than it saves.
 */
function layOut(parts: Parts, shared: boolean): BuiltPrompt {
  const built = buildPrompt({ ...parts, now: new Date(), reused: shared });
  const messages = built.messages.map((message) =>
    message.role === 'system'
      ? { ...message, content: [{ type: 'text' as const, text: textOf(message), ...(shared && MARK) }] }
      : message,
  );
  return { ...built, messages, cacheMode: 'explicit' };
}

function textOf({ content }: OpenAI.ChatCompletionSystemMessageParam): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

function timeFirst({ rules, docs, user, question }: Parts): BuiltPrompt {
  const now = `It is ${new Date().toISOString()}. You are talking to ${user.name} (${user.plan} plan).`;
  return {
    messages: [
      { role: 'system', content: now },
      { role: 'system', content: [rules, ...docs.map(({ text }) => text)].join('\n\n') },
      { role: 'user', content: question },
    ],
    tools: [],
    cacheKey: '',
    cacheMode: 'implicit',
  };
}

// --- the cache of the help page ---------------------------------------------------------------------------------

const MAX_FALSE = 0.006;

/** Two generations of half the size: when the young one is full, the old one goes. */
function createHelpCache({ openai, embeddings, pairs, cacheEntries, models }: Context) {
  const threshold = chooseThreshold(pairs, MAX_FALSE);
  const vectors = new Map<string, Promise<Float32Array>>();
  const vectorOf = async (input: string) => {
    const { data } = await openai.embeddings.create({ ...embeddings, input });
    return Float32Array.from(data[0]?.embedding ?? []);
  };
  const embed = (texts: string[]) =>
    Promise.all(
      texts.map((typed) => {
        const text = typed.toLowerCase();
        if (vectors.size > cacheEntries) vectors.clear();
        const vector = vectors.get(text) ?? vectorOf(text);
        vectors.set(text, vector);
        return vector;
      }),
    );
  const generation = () => new SemanticCache(embed, threshold);
  let [young, old] = [generation(), generation()];
  let stored = 0;
  type Query = Parameters<SemanticCache['lookup']>[0];
  return {
    queryFor({ tenant, question, user }: Request, edition: number): Query {
      const system = `help page, edition ${edition}`;
      return { tenant, user: user.name, model: models.strong.model, system, earlier: [], text: question };
    },
    lookup: async (query: Query) => (await young.lookup(query)) ?? (await old.lookup(query)),
    async store(query: Query, answer: { text: string }): Promise<void> {
      stored += 1;
      if (stored % Math.floor(cacheEntries / 2) === 0) [young, old] = [generation(), young];
      await young.store(query, answer);
    },
  };
}

// --- two deployments --------------------------------------------------------------------------------------------

const SHUT_MS = 15_000;
const FAILURES_TO_SHUT = 2;
const ATTEMPTS = 6;

/** Streams an answer from the reserved deployment, or from the other one while that is full. */
function createLanes(
  { openai, azure, limits, models }: Context,
  isOn: (name: 'streaming' | 'load_balancing') => boolean,
) {
  const quotas = new Map(
    [models.small, models.strong].map(({ model }) => [model, createQuota(limits.openai)]),
  );
  const slices = new Map<string, { index: number; used: number }>();
  let failures = 0;
  let shutUntilMs = 0;
  return stream;

  async function* stream(ask: Ask): AsyncGenerator<string> {
    for (let attempt = 1; ; attempt += 1) {
      const lane = await laneFor(ask);
      let begun = false;
      try {
        for await (const text of lane === 'azure'
          ? send(azure, ask.model.deployment, ask)
          : fromOpenAi(ask)) {
          begun = true;
          yield text;
        }
        if (lane === 'openai') failures = 0;
        return;
      } catch (error) {
        if (lane === 'openai' && mayPass(error)) fail();
        if (begun || !mayPass(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  function fail(): void {
    failures += 1;
    if (failures >= FAILURES_TO_SHUT) shutUntilMs = performance.now() + SHUT_MS;
  }

  /** What is reserved first; then what is paid as it goes, unless that is ill; else the next slice of the former. */
  async function laneFor({ model }: Ask): Promise<'openai' | 'azure'> {
    if (!isOn('load_balancing')) return 'openai';
    for (;;) {
      if (takeSlice(model.deployment)) return 'azure';
      if (performance.now() >= shutUntilMs) return 'openai';
      const { sliceMs } = limits.azure;
      await sleep(sliceMs - (performance.now() % sliceMs) + 1);
    }
  }

  function takeSlice(deployment: string): boolean {
    const { requests, sliceMs } = limits.azure;
    const index = Math.floor(performance.now() / sliceMs);
    const known = slices.get(deployment);
    const slice = known?.index === index ? known : { index, used: 0 };
    slices.set(deployment, slice);
    if (slice.used === requests) return false;
    slice.used += 1;
    return true;
  }

  async function* fromOpenAi(ask: Ask): AsyncGenerator<string> {
    const tokens = Math.ceil(lengthOf(ask.prompt) / 4) + ask.maxTokens;
    const lease = await quotas.get(ask.model.model)?.acquire(tokens);
    let used = 0;
    const onUsage = (usage: OpenAI.CompletionUsage) => {
      used = usage.total_tokens;
      ask.onUsage?.(usage);
    };
    try {
      yield* send(openai, ask.model.model, { ...ask, onUsage });
    } finally {
      lease?.settle(used);
    }
  }

  async function* send(client: OpenAI, model: string, ask: Ask): AsyncGenerator<string> {
    const { messages, cacheKey, cacheMode } = ask.prompt;
    const body = {
      model,
      messages,
      max_completion_tokens: ask.maxTokens,
      reasoning_effort: ask.model.effort,
      prompt_cache_options: { mode: cacheMode },
      ...(cacheKey && { prompt_cache_key: cacheKey }),
    };
    if (!isOn('streaming')) {
      const { choices, usage } = await client.chat.completions.create(body, { maxRetries: 0 });
      if (usage) ask.onUsage?.(usage);
      return yield choices[0]?.message.content ?? '';
    }
    const how = { stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await client.chat.completions.create({ ...body, ...how }, { maxRetries: 0 });
    for await (const { choices, usage } of chunks) {
      if (usage) ask.onUsage?.(usage);
      if (choices[0]?.delta.content) yield choices[0].delta.content;
    }
  }
}

function lengthOf({ messages }: BuiltPrompt): number {
  return JSON.stringify(messages).length;
}

function mayPass(error: unknown): boolean {
  if (error instanceof OpenAI.APIConnectionError) return true;
  return error instanceof OpenAI.APIError && (error.status === 429 || Number(error.status) >= 500);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// --- what can wait, and what is prepaid -------------------------------------------------------------------------

const COLLECT_MS = 120_000;

/** Collects what comes within two minutes into one batch for each model. */
function createTagging({ openai, rules }: Context) {
  const open = new Map<string, { jobs: Job[]; answers: Promise<Map<string, string>> }>();
  return async (
    { id, tenant, question, dueMs = 0 }: Request,
    { model }: ModelNames,
  ): Promise<string | undefined> => {
    const job = {
      id,
      tenant,
      text: `${question}\n${rules(tenant)}`,
      type: 'tagging',
      model,
      dueMs,
      inputTokens: 0,
      outputTokens: 0,
    };
    let group = open.get(model);
    if (!group) {
      const jobs: Job[] = [];
      const answers = sleep(COLLECT_MS).then(() => {
        open.delete(model);
        return runBatch(openai, { type: 'tagging', model, jobs, microUsd: 0 });
      });
      group = { jobs, answers };
      open.set(model, group);
    }
    group.jobs.push(job);
    return (await group.answers).get(id);
  };
}

/** Takes the most that an answer can cost off the allowance, and gives back what it did not. */
function createAllowance({ allowance }: Context) {
  const budget = new Budget({
    dayMicroUsd: allowance.microUsd,
    monthMicroUsd: Number.MAX_SAFE_INTEGER,
    escalateAfterMs: Number.POSITIVE_INFINITY,
    notify: () => {},
    now: Date.now,
  });
  const scope = { tenant: allowance.tenant, feature: 'expert', urgent: true };
  return ({ prompt, model, maxTokens }: Ask) => {
    // No text has more tokens than half its characters, with the frames around the messages.
    const most = Math.ceil(lengthOf(prompt) / 2) * model.inputMicroUsd + maxTokens * model.outputMicroUsd;
    const decision = budget.reserve(scope, most);
    if (!('lease' in decision)) return undefined;
    const lease: Lease = decision.lease;
    return {
      charge(usage: OpenAI.CompletionUsage) {
        budget.charge(lease, model.model, Math.ceil(costOf(usage, model)), usage.total_tokens);
      },
      close: () => budget.release(lease),
    };
  };
}

/** Every token of the input is paid for once: as it is, as read from the cache, or as written to it. */
function costOf(
  { prompt_tokens, prompt_tokens_details, completion_tokens }: OpenAI.CompletionUsage,
  model: ModelNames,
) {
  const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = prompt_tokens_details ?? {};
  const input = (prompt_tokens - read - written) * model.inputMicroUsd;
  return (
    input +
    read * model.cachedMicroUsd +
    written * model.writeMicroUsd +
    completion_tokens * model.outputMicroUsd
  );
}
