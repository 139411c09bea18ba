import type { Job } from '#course/day2-tokens/contracts/fewer-calls.ts';
import * as parts from '#course/day5-nodejs/contentflow/parts.ts';
import type {
  Assistant,
  Chunk,
  Context,
  ModelNames,
  Optimization,
  Request,
} from '#course/day5-nodejs/contracts/assistant.ts';
import { createQuota } from '#days/day1-latency/5-quota/quota.ts';
import { buildPrompt } from '#days/day2-tokens/5-prefix-layout/build-prompt.ts';
import { createRouter } from '#days/day2-tokens/6-routing/route-tasks.ts';
import { runBatch } from '#days/day2-tokens/7-fewer-calls/fewer-calls.ts';
import { chooseThreshold, SemanticCache } from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';

/** Names of what this assistant does to be fast and cheap. Whoever calls it can switch each of them off. */
export const optimizations: readonly Optimization[] = [
  'intelligent_caching',
  'prefix_layout',
  'prompt_compression',
  'model_downgrading',
  'request_batching',
  'streaming',
  'load_balancing',
];

const COLLECT_MS = 120_000;

/** An assistant for one day. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { openai, rules, handbook, models, allowance } = context;
  const isOn = (name: Optimization) => !off.has(name);
  const easy = easySegments(context);
  const cache = createHelpCache(context);
  const stream = createLanes(context, isOn);
  const tag = parts.createCollector<Job>(COLLECT_MS, (jobs) =>
    runBatch(openai, { type: 'tagging', model: jobs[0]?.model ?? '', jobs, microUsd: 0 }),
  );
  let leftMicroUsd = allowance.microUsd;
  return { handle };

  async function* handle(request: Request): AsyncGenerator<Chunk> {
    if (request.segment === 'faq' && isOn('intelligent_caching')) yield* cached(request);
    else if (request.segment === 'tagging' && isOn('request_batching')) yield* collected(request);
    else if (request.segment === 'expert' && request.tenant === allowance.tenant) yield* prepaid(request);
    else yield* stream(askFor(request));
  }

  async function* cached(request: Request): AsyncGenerator<Chunk> {
    // The edition that the answer is going to be made from, not the one that is valid when it arrives.
    const query = cache.queryFor(request, handbook(request.tenant).edition);
    const hit = await cache.lookup(query);
    if (hit) return yield { text: hit.text };
    let text = '';
    for await (const chunk of stream(askFor(request))) {
      text += chunk.text;
      yield chunk;
    }
    await cache.store(query, { text });
  }

  /** A line of a batch can fail by itself; it is asked again at the full price. */
  async function* collected(request: Request): AsyncGenerator<Chunk> {
    const text = await tag(parts.jobFor(context, request, modelFor(request)));
    if (text === undefined) yield* stream(askFor(request));
    else yield { text };
  }

  /** The most that an answer can cost is put aside before the question is asked. */
  async function* prepaid(request: Request): AsyncGenerator<Chunk> {
    const ask = askFor(request);
    const { inputMicroUsd, outputMicroUsd } = ask.model;
    const most = parts.mostTokens(ask.prompt) * inputMicroUsd + ask.maxTokens * outputMicroUsd;
    if (most > leftMicroUsd)
      return yield { text: 'Today’s allowance for expert questions is used up.', degraded: 'allowance' };
    leftMicroUsd -= most;
    let spent = 0;
    try {
      yield* stream({ ...ask, onUsage: (usage) => (spent += parts.costOf(usage, ask.model)) });
    } finally {
      leftMicroUsd += most - spent;
    }
  }

  function modelFor({ segment }: Request): ModelNames {
    return isOn('model_downgrading') && easy.has(segment) ? models.small : models.strong;
  }

  function askFor(request: Request): parts.Ask {
    const { segment, tenant, user, question } = request;
    const found = segment === 'faq' ? [{ id: 'help', text: handbook(tenant).text }] : request.docs;
    const once = [...new Map(found.map((doc) => [doc.id, doc])).values()];
    const docs = isOn('prompt_compression') ? once : found;
    // A case is hardly ever asked about again while it is kept: writing it would cost more than it saves.
    const shared = { rules: rules(tenant), tools: [], examples: '', docs, reused: segment !== 'expert' };
    return {
      prompt: isOn('prefix_layout')
        ? buildPrompt({ ...shared, user, question, now: new Date() })
        : parts.naivePrompt(context, { ...request, docs }),
      model: modelFor(request),
      maxTokens: segment === 'expert' ? 100 : 60,
    };
  }
}

/** The segments for which the small model is good enough, by last week's samples. */
function easySegments({ samples, models: { small, strong } }: Context): Set<string> {
  const models = [small, strong].map(({ model, inputMicroUsd }) => ({
    name: model,
    microUsd: inputMicroUsd,
  }));
  const route = createRouter(samples, models);
  const choiceFor = (kind: string) =>
    route({ id: kind, kind, text: '', live: true, picture: 'none' }).models[0];
  const kinds = new Set(samples.map(({ kind }) => kind));
  return new Set([...kinds].filter((kind) => choiceFor(kind) === small.model));
}

const MAX_FALSE = 0.006;

/** The cache of the help page: two generations of half the size. When the young one is full, the old one goes. */
function createHelpCache(context: Context) {
  const { pairs, cacheEntries, models } = context;
  const threshold = chooseThreshold(pairs, MAX_FALSE);
  const embed = parts.createEmbed(context);
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

/** A deployment that has just failed is left alone for so long. */
const SHUT_MS = 15_000;
const ATTEMPTS = 6;

/** Streams an answer from the reserved deployment, or from the other one while that is full. */
function createLanes(context: Context, isOn: (name: Optimization) => boolean) {
  const { openai, azure, limits, models } = context;
  const quotas = new Map(
    [models.small, models.strong].map(({ model }) => [model, createQuota(limits.openai)]),
  );
  const slices = parts.createSlices(limits.azure);
  let shutUntilMs = 0;

  return async function* stream(ask: parts.Ask): AsyncGenerator<Chunk> {
    const { model, deployment } = ask.model;
    for (let attempt = 1; ; attempt += 1) {
      const reserved = await isReserved(deployment);
      const [client, name] = reserved ? [azure, deployment] : [openai, model];
      const lease = reserved
        ? undefined
        : await quotas.get(model)?.acquire(parts.mostTokens(ask.prompt) / 2 + ask.maxTokens);
      let [begun, used] = [false, 0];
      const onUsage: parts.Ask['onUsage'] = (usage) => {
        used = usage.total_tokens;
        ask.onUsage?.(usage);
      };
      try {
        for await (const text of parts.send(client, name, { ...ask, onUsage }, isOn('streaming'))) {
          begun = true;
          yield { text };
        }
        return;
      } catch (error) {
        if (!reserved && parts.mayPass(error)) shutUntilMs = performance.now() + SHUT_MS;
        if (begun || !parts.mayPass(error) || attempt === ATTEMPTS) throw error;
      } finally {
        lease?.settle(used);
      }
    }
  };

  /** What is reserved first; then what is paid as it goes, unless that is ill; else the next slice of the former. */
  async function isReserved(deployment: string): Promise<boolean> {
    if (!isOn('load_balancing')) return false;
    for (;;) {
      if (slices.take(deployment)) return true;
      if (performance.now() >= shutUntilMs) return false;
      await parts.sleep(slices.nextInMs());
    }
  }
}
