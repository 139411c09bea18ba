import * as parts from '#course/day5-nodejs/contentflow/parts.ts';
import type {
  Assistant,
  Chunk,
  Context,
  ModelNames,
  Optimization,
  Request,
} from '#course/day5-nodejs/contracts/assistant.ts';
import { buildPrompt } from '#days/day2-tokens/5-prefix-layout/build-prompt.ts';
import { chooseThreshold, SemanticCache } from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';

/*
 * Classes in the place of closures. Tags go out one by one: with the small model they are next to nothing of the bill, so
 * there is no batch lane, and no name for one. Each page has a cache of its own, thrown away whole.
 */
export const optimizations: readonly Optimization[] = [
  'intelligent_caching',
  'prefix_layout',
  'prompt_compression',
  'model_downgrading',
  'streaming',
  'load_balancing',
];

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return new Desk(context, new Set(optimizations.filter((name) => !off.has(name))));
}

class Desk implements Assistant {
  readonly #context: Context;
  readonly #on: ReadonlySet<Optimization>;
  readonly #pages: Pages;
  readonly #lines: Lines;
  readonly #purse: { microUsd: number };
  readonly #small: ReadonlySet<string>;

  constructor(context: Context, on: ReadonlySet<Optimization>) {
    this.#context = context;
    this.#on = on;
    this.#pages = new Pages(context);
    this.#lines = new Lines(context, on);
    this.#purse = { microUsd: context.allowance.microUsd };
    this.#small = new Set(['account', 'document', 'expert', 'tagging'].filter((kind) => this.#isEasy(kind)));
  }

  handle(request: Request): AsyncIterable<Chunk> {
    const { segment, tenant } = request;
    if (segment === 'faq' && this.#on.has('intelligent_caching')) return this.#help(request);
    if (segment === 'expert' && tenant === this.#context.allowance.tenant) return this.#prepaid(request);
    return this.#lines.ask(this.#askFor(request));
  }

  async *#help(request: Request): AsyncGenerator<Chunk> {
    const page = this.#pages.pageOf(request.tenant);
    const known = await page.find(request);
    if (known !== undefined) return yield { text: known };
    const said: string[] = [];
    for await (const chunk of this.#lines.ask(this.#askFor(request))) {
      said.push(chunk.text);
      yield chunk;
    }
    await page.keep(request, said.join(''));
  }

  async *#prepaid(request: Request): AsyncGenerator<Chunk> {
    const ask = this.#askFor(request);
    const { inputMicroUsd, outputMicroUsd } = ask.model;
    const most = parts.mostTokens(ask.prompt) * inputMicroUsd + ask.maxTokens * outputMicroUsd;
    if (most > this.#purse.microUsd) return yield { text: 'Come back tomorrow.', degraded: 'allowance' };
    this.#purse.microUsd -= most;
    let back = most;
    const onUsage: parts.Ask['onUsage'] = (usage) => {
      back -= parts.costOf(usage, ask.model);
    };
    try {
      yield* this.#lines.ask({ ...ask, onUsage });
    } finally {
      this.#purse.microUsd += back;
    }
  }

  #askFor(request: Request): parts.Ask {
    const { segment, tenant, user, question } = request;
    const { rules, handbook, models } = this.#context;
    const found = segment === 'faq' ? [{ id: 'page', text: handbook(tenant).text }] : request.docs;
    const docs = this.#on.has('prompt_compression')
      ? found.filter(({ id }, i) => found.findIndex((doc) => doc.id === id) === i)
      : found;
    const texts = { rules: rules(tenant), tools: [], examples: '', docs, user, question, now: new Date() };
    return {
      prompt: this.#on.has('prefix_layout')
        ? buildPrompt({ ...texts, reused: segment !== 'expert' })
        : parts.naivePrompt(this.#context, { ...request, docs }),
      model: this.#on.has('model_downgrading') && this.#small.has(segment) ? models.small : models.strong,
      maxTokens: 100,
    };
  }

  /** Right in 99 of 100 cases last week. */
  #isEasy(segment: string): boolean {
    const { samples, models } = this.#context;
    const of = samples.filter(({ kind, model }) => kind === segment && model === models.small.model);
    return of.filter(({ right }) => right).length >= 0.99 * of.length;
  }
}

/** One cache for each tenant's page as it is now. */
class Pages {
  readonly #context: Context;
  readonly #embed: ReturnType<typeof parts.createEmbed>;
  readonly #threshold: number;
  readonly #pages = new Map<string, Page>();

  constructor(context: Context) {
    this.#context = context;
    this.#embed = parts.createEmbed(context);
    this.#threshold = chooseThreshold(context.pairs, 0.006);
  }

  pageOf(tenant: string): Page {
    const { edition } = this.#context.handbook(tenant);
    const known = this.#pages.get(tenant);
    // Three tenants, and a page of each that is being replaced.
    const most = Math.floor(this.#context.cacheEntries / 4);
    if (known?.edition === edition && known.size < most) return known;
    const page = new Page(edition, new SemanticCache(this.#embed, this.#threshold));
    this.#pages.set(tenant, page);
    return page;
  }
}

class Page {
  size = 0;
  readonly edition: number;
  readonly cache: SemanticCache;

  constructor(edition: number, cache: SemanticCache) {
    this.edition = edition;
    this.cache = cache;
  }

  async find(request: Request): Promise<string | undefined> {
    return (await this.cache.lookup(this.#query(request)))?.text;
  }

  async keep(request: Request, text: string): Promise<void> {
    this.size += 1;
    await this.cache.store(this.#query(request), { text });
  }

  #query({ tenant, user, question }: Request): Parameters<SemanticCache['lookup']>[0] {
    return { tenant, user: user.name, model: '', system: String(this.edition), earlier: [], text: question };
  }
}

/** The reserved deployment while it has room; the other one at an even pace, unless it has just failed. */
class Lines {
  readonly #context: Context;
  readonly #on: ReadonlySet<Optimization>;
  readonly #slices: ReturnType<typeof parts.createSlices>;
  readonly #nextMs = new Map<string, number>();
  #illUntilMs = 0;

  constructor(context: Context, on: ReadonlySet<Optimization>) {
    this.#context = context;
    this.#on = on;
    this.#slices = parts.createSlices(context.limits.azure);
  }

  async *ask(ask: parts.Ask, attempt = 1): AsyncGenerator<Chunk> {
    const { openai, azure } = this.#context;
    const reserved = await this.#isReserved(ask.model);
    let shown = false;
    try {
      const [client, name] = reserved ? [azure, ask.model.deployment] : [openai, ask.model.model];
      for await (const text of parts.send(client, name, ask, this.#on.has('streaming'))) {
        shown = true;
        yield { text };
      }
    } catch (error) {
      if (!reserved) this.#illUntilMs = performance.now() + 12_000;
      if (shown || attempt === 7 || !parts.mayPass(error)) throw error;
      yield* this.ask(ask, attempt + 1);
    }
  }

  async #isReserved({ model, deployment }: ModelNames): Promise<boolean> {
    const { limits } = this.#context;
    for (;;) {
      if (this.#on.has('load_balancing') && this.#slices.take(deployment)) return true;
      const nowMs = performance.now();
      if (nowMs < this.#illUntilMs && this.#on.has('load_balancing')) {
        await parts.sleep(this.#slices.nextInMs());
        continue;
      }
      // A burst may go out at once; after it, as many a minute as the limit says.
      const eachMs = 60_000 / limits.openai.rpm;
      const nextMs = Math.max(this.#nextMs.get(model) ?? 0, nowMs - 20 * eachMs) + eachMs;
      this.#nextMs.set(model, nextMs);
      if (nextMs > nowMs) await parts.sleep(nextMs - nowMs);
      return false;
    }
  }
}
