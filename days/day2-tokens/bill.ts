import type OpenAI from 'openai';
import {
  filler,
  leastEffort,
  modelFor,
  type ProviderPlan,
  type Random,
  type Role,
  randomFor,
  type World,
} from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { costMicroUsd, priceOf, type Tokens } from '#lib/provider/money.ts';
import type { Tier as AnyTier, Lifetime, ModelPrice } from './contracts/price-calls.ts';

/** One line of the bill: what was used and what the provider charged for it. */
export interface BilledCall {
  name: string;
  what: 'plain' | 'reasoning' | 'special' | 'exact';
  usage: OpenAI.CompletionUsage;
  price: ModelPrice;
  tier: AnyTier;
  lifetime: Lifetime;
  microUsd: number;
}

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

interface Asked {
  what: BilledCall['what'];
  request: Request;
  /** Sent on standard or flex terms, as the request says, or as a line of a batch. */
  batch?: true;
}

/** A model of each price class, and one that always thinks. */
export const deployments: ProviderPlan['deployments'] = { small: {}, middle: {}, strong: {}, thinker: {} };

const WAVES = 20;
/** So many of the waves have a call with a long document in it: one as long as it may be at the usual price, one a token longer. */
const LONG = 2;
/** A prefix is kept for half an hour at least; a machine takes some fifteen requests a minute with it. */
const WAVE_MS = 70_000;

const bills = new Map<number, Promise<BilledCall[]>>();

/**
 * A month of a thousand calls, as the provider's ledger has them: plain ones, then those that think, then those with a
 * price of their own, then the awkward ones. They depend on the seed only, so one process sends them once.
 */
export function monthOf(world: World<unknown>): Promise<BilledCall[]> {
  const known = bills.get(world.seed) ?? send(world);
  bills.set(world.seed, known);
  return known;
}

/** What the model writes. Awkward calls are capped, so theirs has to be long enough. */
export function answerTo({ prompt, random, sentences }: Written): string {
  return sentences(prompt.startsWith('Awkward') ? 80 : 1 + random.int(60));
}

interface Written {
  prompt: string;
  random: Random;
  sentences(tokens: number): string;
}

/** The catalogue's entry for a model, in the form the task uses. */
export function listPrice(model: string): ModelPrice {
  const { input, cachedInput = input, output, cacheWrite, cacheWrites, longContext } = priceOf(model);
  const { batch = 1, flex = 1, fast = 1 } = findModel(model)?.tiers ?? {};
  return {
    input,
    cachedInput,
    output,
    tiers: { standard: 1, batch, flex, fast },
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(cacheWrites?.['12h'] !== undefined && { cacheWrite12h: cacheWrites['12h'] }),
    ...(longContext && { longContext }),
  };
}

async function send(world: World<unknown>): Promise<BilledCall[]> {
  const { openai, clock, ledger } = world;
  const month = Array.from({ length: WAVES }, (_, wave) => callsOf(wave, world));
  const usages = new Map<string, OpenAI.CompletionUsage>();
  for (const wave of month) {
    const startMs = clock.now();
    await Promise.all(
      wave.map(async ({ request, batch }) => {
        if (batch) return;
        const { usage } = await openai.chat.completions.create(request);
        if (usage) usages.set(promptOf(request), usage);
      }),
    );
    await clock.sleep(Math.max(0, startMs + WAVE_MS - clock.now()));
  }
  const lines = month.flat().filter((call) => call.batch);
  for (const [prompt, usage] of await sendBatch(lines, world)) usages.set(prompt, usage);

  const billed = new Map(ledger.calls.map((call) => [call.prompt, call]));
  const bill = month.flat().map(({ what, request }) => {
    const prompt = promptOf(request);
    const usage = usages.get(prompt);
    const call = billed.get(prompt);
    if (!usage || !call) throw new Error(`The provider has no call for "${prompt.slice(0, 40)}".`);
    const { tier, tokens, costMicroUsd: microUsd } = call;
    const lifetime = tokens.cacheWrite12h ? ('12h' as const) : ('30m' as const);
    // What fills the cache is not a plain call.
    const kind = what === 'plain' && (tokens.cacheWrite ?? 0) > 0 ? 'special' : what;
    // Where a model cannot be kept from thinking, only the lines about thinking say how much it was.
    const told =
      what === 'reasoning' ? usage : { ...usage, completion_tokens_details: { reasoning_tokens: 0 } };
    return { ...lineOf({ what: kind, usage: told, model: request.model, tier, lifetime, microUsd }), tokens };
  });
  const all = [...bill, ...inFastMode(bill), ...keptLonger(bill), ...withoutWritePrice(bill)];
  return all
    .map((line) => (isExactOnly(line) ? { ...line, what: 'exact' as const } : line))
    .sort((a, b) => ORDER.indexOf(a.what) - ORDER.indexOf(b.what));
}

/** Whether dollars in floating point come out at another micro-dollar. Such a line is told apart from the others. */
function isExactOnly({ usage, price, tier, lifetime, microUsd }: BilledCall): boolean {
  const { cached_tokens: cached = 0, cache_write_tokens: written = 0 } = usage.prompt_tokens_details ?? {};
  const input = usage.prompt_tokens;
  const long = price.longContext && input > price.longContext.aboveTokens ? price.longContext : undefined;
  const [more, moreOut] = [long?.inputFactor ?? 1, long?.outputFactor ?? 1].map(
    (factor) => price.tiers[tier] * factor,
  ) as [number, number];
  const write = (lifetime === '12h' ? price.cacheWrite12h : undefined) ?? price.cacheWrite ?? price.input;
  const usd =
    (input - cached - written) * ((price.input * more) / 1e6) +
    cached * ((price.cachedInput * more) / 1e6) +
    written * ((write * more) / 1e6) +
    usage.completion_tokens * ((price.output * moreOut) / 1e6);
  return Math.round(usd * 1e6) !== microUsd;
}

const ORDER: BilledCall['what'][] = ['plain', 'reasoning', 'special', 'exact'];

async function sendBatch(
  lines: readonly Asked[],
  { openai, clock }: World<unknown>,
): Promise<[string, OpenAI.CompletionUsage][]> {
  const url = '/v1/chat/completions';
  const jsonl = lines.map(({ request }, i) =>
    JSON.stringify({ custom_id: String(i), method: 'POST', url, body: request }),
  );
  const file = new File([jsonl.join('\n')], 'month.jsonl');
  const { id } = await openai.files.create({ file, purpose: 'batch' });
  let batch = await openai.batches.create({ input_file_id: id, endpoint: url, completion_window: '24h' });
  while (batch.status !== 'completed') {
    await clock.sleep(3_600_000);
    batch = await openai.batches.retrieve(batch.id);
  }
  const output = await (await openai.files.content(batch.output_file_id ?? '')).text();
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ custom_id, response }) => [
      promptOf((lines[Number(custom_id)] as Asked).request),
      response.body.usage,
    ]);
}

type Line = BilledCall & { model: string; tokens: Tokens };

/** Some calls of the strong model, as the provider bills the same tokens in fast mode. */
function inFastMode(bill: readonly Line[]): BilledCall[] {
  const sent = bill.filter(({ model, tier }) => model === modelFor('strong') && tier === 'standard');
  return sent.slice(0, WAVES).map((line) => {
    const microUsd = costMicroUsd(line.tokens, priceOf(line.model), 'fast');
    return lineOf({ ...line, what: 'special', tier: 'fast', microUsd });
  });
}

/** Calls that wrote to the cache, as they would be billed for keeping it longer; where that is not sold, at twice the price. */
function keptLonger(bill: readonly Line[]): BilledCall[] {
  return wrote(bill).map((line) => {
    const { cacheWrite = 0, cacheWrites, ...price } = priceOf(line.model);
    const cacheWrite12h = cacheWrites?.['12h'] ?? 2 * cacheWrite;
    const microUsd = costMicroUsd(
      { ...line.tokens, cacheWrite12h: 0 },
      { ...price, cacheWrite: cacheWrite12h },
    );
    const kept = lineOf({ ...line, what: 'special', tier: 'standard', lifetime: '12h', microUsd });
    return { ...kept, price: { ...kept.price, cacheWrite12h } };
  });
}

function wrote(bill: readonly Line[]): Line[] {
  return bill
    .filter(({ tier, tokens }) => tier === 'standard' && (tokens.cacheWrite ?? 0) > 0)
    .slice(0, WAVES);
}

/** Calls that wrote to the cache, as they would be billed by a list that has no price for that. */
function withoutWritePrice(bill: readonly Line[]): BilledCall[] {
  return wrote(bill).map((line) => {
    const { cacheWrite: _, cacheWrites: __, ...price } = priceOf(line.model);
    const { cacheWrite: ___, cacheWrite12h: ____, ...listed } = line.price;
    const microUsd = costMicroUsd(line.tokens, price);
    return { ...lineOf({ ...line, what: 'special', lifetime: '30m', microUsd }), price: listed };
  });
}

function lineOf({
  model,
  usage,
  what,
  tier,
  lifetime,
  microUsd,
}: Omit<BilledCall, 'name' | 'price'> & { model: string }): BilledCall & { model: string } {
  const { prompt_tokens, completion_tokens, prompt_tokens_details: details } = usage;
  const { cached_tokens: cached = 0, cache_write_tokens: written = 0 } = details ?? {};
  const kept = written > 0 ? `, ${written} written for ${lifetime}` : '';
  const name = `${prompt_tokens} in (${cached} cached${kept}), ${completion_tokens} out on ${model}, ${tier}`;
  return { what, usage, tier, lifetime, microUsd, name, model, price: listPrice(model) };
}

// --- what is asked ---------------------------------------------------------------------------------------------

/** Instructions that stand in front of half of the plain calls, and are long enough to be cached. */
const RULES = filler(1300, 'rules');
/** A part of a long document. */
const CHAPTER = filler(16_990, 'chapter');

/** Forty-nine calls. */
function callsOf(wave: number, world: World<unknown>): Asked[] {
  const random = randomFor(world.seed, 'bill', wave);
  const name = (what: string, i: number) => `${what} ${wave}.${i}: ${random.pick(SUBJECTS)}`;
  const many = (count: number, make: (i: number) => Asked) =>
    Array.from({ length: count }, (_, i) => make(i));
  const plain = (i: number) =>
    asked('plain', i % 4 < 2 ? 'small' : 'strong', name('Plain', i), i % 2 ? { rules: RULES } : {});
  const thinking = (i: number) =>
    asked('reasoning', i % 2 ? 'thinker' : 'small', name('Think', i), { thinks: true });
  const batch = (i: number) => ({ ...asked('special', 'strong', name('Later', i)), batch: true as const });
  return [
    ...many(30, plain),
    ...many(10, thinking),
    ...many(3, (i) => flex(asked('special', 'middle', name('Flex', i)))),
    ...many(3, batch),
    ...many(wave < LONG ? 1 : 2, (i) =>
      asked('special', 'middle', name('Write', i), {
        rules: filler(1300, 'written', wave),
        ...(i === 1 && { lifetime: '12h' }),
      }),
    ),
    ...many(wave < LONG ? 1 : 0, (i) => long(name('Long', i), wave, world)),
    ...many(1, (i) => awkward(name('Awkward', i), world, random)),
  ];
}

const SUBJECTS = ['a refund', 'an invoice', 'a delivery', 'a password', 'a warranty'];

interface Terms {
  /** What stands in front, with a breakpoint behind it. */
  rules?: string;
  /** Asked for where the model sells it. */
  lifetime?: Lifetime;
  /** As long as the model likes, instead of as little as it can. */
  thinks?: boolean;
}

function asked(what: Asked['what'], role: Role, prompt: string, terms: Terms = {}): Asked {
  const { rules, lifetime = '30m', thinks = false } = terms;
  const model = modelFor(role);
  const breakpoint = { prompt_cache_breakpoint: { mode: 'explicit' as const } };
  const ttl = findModel(model)?.cacheLifetimes.includes(lifetime) ? { ttl: lifetime } : {};
  const user = { role: 'user' as const, content: prompt };
  const request = {
    model,
    messages: rules
      ? [{ role: 'system', content: [{ type: 'text', text: rules, ...breakpoint }] }, user]
      : [user],
    prompt_cache_key: 'month',
    ...(findModel(model)?.promptCache === 'breakpoint' && {
      prompt_cache_options: { mode: 'explicit', ...ttl },
    }),
    ...(!thinks && { reasoning_effort: leastEffort(model) }),
  };
  return { what, request: request as Request };
}

function flex({ what, request }: Asked): Asked {
  return { what, request: { ...request, service_tier: 'flex' } };
}

function promptOf({ messages }: Request): string {
  return String(messages.at(-1)?.content);
}

/** A call as long as it may be at the usual price, or a token longer. */
function long(prompt: string, wave: number, { quote }: World<unknown>): Asked {
  const { longContext } = priceOf(modelFor('strong'));
  const tokens = (longContext?.aboveTokens ?? 0) + wave;
  const chapters = CHAPTER.repeat(Math.max(0, Math.floor(tokens / 16_990) - 1));
  const call = (rest: number) => asked('special', 'strong', prompt + chapters + filler(rest, 'rest'));
  const missing = tokens - quote('openai', call(0).request).inputTokens;
  return call(Math.max(0, missing));
}

const MOST_MORE = 600;
const MOST_OUTPUT = 70;

/** A call whose price ends in half a micro-dollar, on the wrong side of which floating point comes out. */
function awkward(prompt: string, { quote }: World<unknown>, random: Random): Asked {
  const start = random.int(MOST_MORE * MOST_OUTPUT);
  for (const role of ['small', 'middle', 'strong'] as const) {
    const price = priceOf(modelFor(role));
    const base = quote('openai', asked('exact', role, prompt).request).inputTokens;
    for (let i = 0; i < MOST_MORE * MOST_OUTPUT; i += 1) {
      const at = (start + 7919 * i) % (MOST_MORE * MOST_OUTPUT);
      const [more, output] = [Math.floor(at / MOST_OUTPUT), 1 + (at % MOST_OUTPUT)];
      const input = base + more;
      const usd = input * (price.input / 1e6) + output * (price.output / 1e6);
      if (Math.round(usd * 1e6) === costMicroUsd({ input, cached: 0, output }, price)) continue;
      const { request } = asked('exact', role, prompt + filler(more, 'awkward'));
      return { what: 'exact', request: { ...request, max_completion_tokens: output } };
    }
  }
  return asked('exact', 'small', prompt);
}
