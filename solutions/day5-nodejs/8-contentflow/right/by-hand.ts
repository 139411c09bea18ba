import OpenAI from 'openai';
import type {
  Assistant,
  Chunk,
  Context,
  ModelNames,
  Optimization,
  Request,
} from '#course/day5-nodejs/contracts/assistant.ts';

/*
 * Without a line from another lab: one lane after the other instead of a choice by health, questions compared by
 * their words and vectors with fixed thresholds, and tags answered five in a prompt instead of in a batch.
 */
export const optimizations: readonly Optimization[] = [
  'intelligent_caching',
  'prefix_layout',
  'prompt_compression',
  'model_downgrading',
  'request_batching',
  'streaming',
  'load_balancing',
];

type Message = OpenAI.ChatCompletionMessageParam;

interface Ask {
  model: ModelNames;
  messages: Message[];
  cap: number;
  key: string;
  /** Whether the provider chooses by itself what it writes to its cache. */
  cache: 'implicit' | 'explicit';
  spent?: (microUsd: number) => void;
}

const EASY = new Set(['account', 'tagging']);

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { models, rules, handbook, allowance } = context;
  const say = createSender(context, off);
  const page = createPage(context);
  const tag = createTags(context, say);
  let left = allowance.microUsd;

  return { handle };

  async function* handle(request: Request): AsyncGenerator<Chunk> {
    if (request.segment === 'faq' && !off.has('intelligent_caching')) yield* help(request);
    else if (request.segment === 'tagging' && !off.has('request_batching'))
      yield { text: await tag(request, modelFor(request)) };
    else if (request.segment === 'expert' && request.tenant === allowance.tenant) yield* prepaid(request);
    else yield* say(askFor(request));
  }

  async function* help(request: Request): AsyncGenerator<Chunk> {
    const { tenant, question } = request;
    const scope = `${tenant} ${handbook(tenant).edition}`;
    const known = await page.find(scope, question);
    if (known !== undefined) return yield { text: known };
    let text = '';
    for await (const chunk of say(askFor(request))) {
      text += chunk.text;
      yield chunk;
    }
    await page.keep(scope, question, text);
  }

  async function* prepaid(request: Request): AsyncGenerator<Chunk> {
    const ask = askFor(request);
    const letters = JSON.stringify(ask.messages).length;
    const most = (letters / 3) * ask.model.inputMicroUsd + ask.cap * ask.model.outputMicroUsd;
    if (most > left) return yield { text: 'No allowance left for today.', degraded: 'allowance' };
    left -= most;
    let cost = 0;
    const spent = (microUsd: number) => {
      cost += microUsd;
    };
    try {
      yield* say({ ...ask, spent });
    } finally {
      left += most - cost;
    }
  }

  function modelFor({ segment }: Request): ModelNames {
    return EASY.has(segment) && !off.has('model_downgrading') ? models.small : models.strong;
  }

  function askFor(request: Request): Ask {
    const { segment, tenant, user, docs, question } = request;
    const now = `It is ${new Date().toISOString()}. ${user.name} asks.`;
    const once = [...new Map(docs.map(({ id, text }) => [id, text]))].sort().map(([, text]) => text);
    const steady = !off.has('prefix_layout');
    const chapters = off.has('prompt_compression') ? docs.map(({ text }) => text) : once;
    const found = segment === 'faq' ? [handbook(tenant).text] : chapters;
    const text = [rules(tenant), ...found].join('\n');
    const messages: Message[] = steady
      ? [steadyPart(text, segment !== 'expert'), { role: 'user', content: `${now}\n${question}` }]
      : [
          { role: 'system', content: now },
          { role: 'system', content: text },
          { role: 'user', content: question },
        ];
    const cache = steady ? 'explicit' : 'implicit';
    return { model: modelFor(request), messages, cap: segment === 'expert' ? 90 : 60, key: tenant, cache };
  }
}

/** Kept by the provider up to its end, where others are going to ask for the same. */
function steadyPart(text: string, kept: boolean): Message {
  const mark = kept && { prompt_cache_breakpoint: { mode: 'explicit' as const } };
  return { role: 'system', content: [{ type: 'text', text, ...mark }] };
}

/** The reserved deployment while its slice has room, then OpenAI up to a rate, then the next slice. */
function createSender({ azure, openai, limits }: Context, off: ReadonlySet<string>) {
  const sent: { azure: Map<string, number[]>; openai: Map<string, number[]> } = {
    azure: new Map(),
    openai: new Map(),
  };
  let troubledUntilMs = 0;

  return async function* say(ask: Ask): AsyncGenerator<Chunk> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await room(ask.model);
      let shown = false;
      try {
        for await (const text of stream(client, ask)) {
          shown = true;
          yield { text };
        }
        return;
      } catch (error) {
        const status = error instanceof OpenAI.APIError ? Number(error.status) : 500;
        if (shown || attempt === 8 || (status < 500 && status !== 429)) throw error;
        if (client === openai) troubledUntilMs = performance.now() + 20_000;
      }
    }
  };

  async function room({ model, deployment }: ModelNames): Promise<OpenAI> {
    if (off.has('load_balancing')) return openai;
    const { requests, sliceMs } = limits.azure;
    for (;;) {
      const nowMs = performance.now();
      const sliceStartMs = nowMs - (nowMs % sliceMs);
      if (take(sent.azure, deployment, sliceStartMs, requests)) return azure;
      if (nowMs >= troubledUntilMs && take(sent.openai, model, nowMs - 60_000, limits.openai.rpm / 2))
        return openai;
      await new Promise((resolve) => setTimeout(resolve, sliceStartMs + sliceMs - nowMs + 5));
    }
  }

  function take(log: Map<string, number[]>, name: string, sinceMs: number, most: number): boolean {
    const times = (log.get(name) ?? []).filter((ms) => ms >= sinceMs);
    log.set(name, times);
    if (times.length >= most) return false;
    times.push(performance.now());
    return true;
  }

  async function* stream(
    client: OpenAI,
    { model, messages, cap, key, cache, spent }: Ask,
  ): AsyncGenerator<string> {
    const name = client === azure ? model.deployment : model.model;
    const body = {
      ...{ model: name, messages, max_completion_tokens: cap, reasoning_effort: model.effort },
      ...{ prompt_cache_key: key, prompt_cache_options: { mode: cache } },
    };
    const bill = (usage?: OpenAI.CompletionUsage | null) =>
      usage &&
      spent?.(usage.prompt_tokens * model.inputMicroUsd + usage.completion_tokens * model.outputMicroUsd);
    if (off.has('streaming')) {
      const { choices, usage } = await client.chat.completions.create(body, { maxRetries: 0 });
      bill(usage);
      return yield choices[0]?.message.content ?? '';
    }
    const how = { stream: true, stream_options: { include_usage: true } } as const;
    for await (const { choices, usage } of await client.chat.completions.create(
      { ...body, ...how },
      { maxRetries: 0 },
    )) {
      bill(usage);
      if (choices[0]?.delta.content) yield choices[0].delta.content;
    }
  }
}

const ALIKE = 0.66;
const ASKING =
  /^(an?|the|i|my|we|our|you|your|is|are|do|does|can|could|how|what|where|when|why|to|of|for|in|on|please|need|want|way|it|me|get)$/;

/** Questions with the same figures, months and opposites, of which one has hardly a word that the other has not. */
function createPage({ openai, embeddings, cacheEntries }: Context) {
  let entries: { scope: string; question: string; marks: string; vector: Float32Array; text: string }[] = [];
  const vectors = new Map<string, Promise<Float32Array>>();

  return { find, keep };

  async function find(scope: string, question: string): Promise<string | undefined> {
    const asked = question.toLowerCase();
    const vector = await vectorOf(asked);
    let best = { alike: ALIKE, index: -1 };
    for (const [index, entry] of entries.entries()) {
      if (entry.scope !== scope || entry.marks !== marksOf(asked) || swaps(entry.question, asked)) continue;
      const alike = entry.vector.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0);
      if (alike > best.alike) best = { alike, index };
    }
    const hit = entries[best.index];
    // Whoever was used last goes last.
    if (hit) entries = [...entries.filter((entry) => entry !== hit), hit];
    return hit?.text;
  }

  async function keep(scope: string, question: string, text: string): Promise<void> {
    const asked = question.toLowerCase();
    const entry = { scope, question: asked, marks: marksOf(asked), vector: await vectorOf(asked), text };
    entries = [...entries.slice(1 - cacheEntries), entry];
  }

  function vectorOf(input: string): Promise<Float32Array> {
    if (vectors.size > cacheEntries) vectors.clear();
    const known = vectors.get(input) ?? ask(input);
    vectors.set(input, known);
    return known;
  }

  async function ask(input: string): Promise<Float32Array> {
    const { data } = await openai.embeddings.create({ ...embeddings, input });
    return Float32Array.from(data[0]?.embedding ?? []);
  }
}

const MARKS =
  /\d+|\b(not|no|never|without|with|before|after|on|off|in|out|up|down|upgrade|downgrade|enable|disable|add|remove|accept\w*|reject\w*|decline\w*|\w+day|january|february|march|april|may|june|july|august|september|october|november|december|basic|pro|shopify|etsy|stripe)\b/g;

function marksOf(text: string): string {
  return (text.match(MARKS) ?? []).sort().join(' ');
}

/** True where one word of substance stands in the place of another. */
function swaps(a: string, b: string): boolean {
  const words = (text: string) => (text.match(/[a-z]+/g) ?? []).filter((word) => !ASKING.test(word));
  const [one, other] = [words(a), words(b)];
  const extra = (some: string[], known: string[]) => some.filter((word) => !known.includes(word)).length;
  return extra(one, other) === 1 && extra(other, one) === 1;
}

const TOGETHER = 5;
const COLLECT_MS = 60_000;

/** Five products of a tenant in a prompt; what is missing in the answer is asked for again by itself. */
function createTags({ rules }: Context, say: (ask: Ask) => AsyncGenerator<Chunk>) {
  const open = new Map<string, { lines: string[]; answers: Promise<string> }>();
  return async ({ id, tenant, question }: Request, model: ModelNames): Promise<string> => {
    const group = groupFor(tenant, model);
    group.lines.push(question);
    const answers = await group.answers;
    const mine = answers.split('\n').find((line) => line.startsWith(`${id}:`));
    return mine ?? (await one(tenant, model, [question]));
  };

  function groupFor(tenant: string, model: ModelNames) {
    const key = `${tenant} ${model.model}`;
    const known = open.get(key);
    if (known && known.lines.length < TOGETHER) return known;
    const lines: string[] = [];
    const answers = new Promise<void>((resolve) => setTimeout(resolve, COLLECT_MS)).then(() => {
      if (open.get(key)?.lines === lines) open.delete(key);
      return one(tenant, model, lines);
    });
    const group = { lines, answers };
    open.set(key, group);
    return group;
  }

  async function one(tenant: string, model: ModelNames, lines: string[]): Promise<string> {
    const content = `${rules(tenant)}\nOne line for each, its id first.\n${lines.join('\n')}`;
    let text = '';
    for await (const chunk of say({
      model,
      messages: [{ role: 'user', content }],
      cap: 40 * lines.length,
      key: tenant,
      cache: 'explicit',
    }))
      text += chunk.text;
    return text;
  }
}
