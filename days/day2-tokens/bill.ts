import type OpenAI from 'openai';
import { filler, type ProviderPlan, type Random, randomFor, type World } from '#lib/provider';
import { costMicroUsd, priceOf } from '#lib/provider/money.ts';
import type { Tier as AnyTier, ModelPrice } from './contracts/price-calls.ts';

/** One line of the bill: what was used and what the provider charged for it. */
export interface BilledCall {
  name: string;
  what: 'plain' | 'reasoning' | 'special' | 'exact';
  usage: OpenAI.CompletionUsage;
  price: ModelPrice;
  tier: AnyTier;
  microUsd: number;
}

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

interface Asked {
  what: BilledCall['what'];
  request: Request;
  /** Sent on standard or flex terms, as the request says, or as a line of a batch. */
  batch?: true;
}

/** The models of the bill: some that only write, some that think, one that charges for cache writes, one for length. */
export const deployments: ProviderPlan['deployments'] = Object.fromEntries(
  (['gpt-4o', 'gpt-4.1', 'gpt-4o-mini', 'gpt-5', 'gpt-5-mini', 'gpt-5.4', 'gpt-5.6-terra'] as const).map(
    (model) => [model, { model }],
  ),
);

/** A factor for each tier. That of priority is gpt-5's, as published on openai.com/api-priority-processing. */
const TIERS = { standard: 1, batch: 0.5, flex: 0.5, priority: 2 };
/** What gpt-5 costs in the priority tier, from the same page. The simulated provider does not serve that tier. */
const GPT_5_PRIORITY = { input: 2.5, cachedInput: 0.25, output: 20, source: 'api-priority-processing' };

const WAVES = 20;
/** So many of the waves have a call with a long document in it. */
const LONG = 2;
/** A machine keeps a prefix for five minutes at least, and takes some fifteen requests a minute with it. */
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

/** The dated price file's entry for a model, in the form the task uses. */
export function listPrice(model: string): ModelPrice {
  const { input, cachedInput = input, output, cacheWrite, longContext } = priceOf(model);
  return {
    input,
    cachedInput,
    output,
    tiers: TIERS,
    ...(cacheWrite !== undefined && { cacheWrite }),
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
    return lineOf({ what, usage, model: request.model, tier: call.tier, microUsd: call.costMicroUsd });
  });
  return [...bill, ...inPriority(bill)].sort((a, b) => ORDER.indexOf(a.what) - ORDER.indexOf(b.what));
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

/** Calls of the month that were sent to gpt-5, as they would have been billed in the priority tier. */
function inPriority(bill: readonly BilledCall[]): BilledCall[] {
  const sent = bill.filter(({ name }) => name.endsWith('on gpt-5, standard')).slice(0, WAVES);
  return sent.map(({ usage }) => {
    const { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details } = usage;
    const microUsd = costMicroUsd({ input, cached: details?.cached_tokens ?? 0, output }, GPT_5_PRIORITY);
    return lineOf({ what: 'special', usage, model: 'gpt-5', tier: 'priority', microUsd });
  });
}

function lineOf(
  line: Pick<BilledCall, 'what' | 'usage' | 'tier' | 'microUsd'> & { model: string },
): BilledCall {
  const { model, ...rest } = line;
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = rest.usage;
  const cached = prompt_tokens_details?.cached_tokens ?? 0;
  const name = `${prompt_tokens} in (${cached} cached), ${completion_tokens} out on ${model}, ${rest.tier}`;
  return { ...rest, name, price: listPrice(model) };
}

// --- what is asked ---------------------------------------------------------------------------------------------

/** Instructions that stand in front of half of the plain calls, and are long enough to be cached. */
const RULES = filler(1300, 'rules');
/** A part of a long document: sixteen of these are a little less than the threshold of gpt-5.4. */
const CHAPTER = filler(16_990, 'chapter');

/** Forty-nine calls. */
function callsOf(wave: number, world: World<unknown>): Asked[] {
  const random = randomFor(world.seed, 'bill', wave);
  const name = (what: string, i: number) => `${what} ${wave}.${i}: ${random.pick(SUBJECTS)}`;
  const many = (count: number, make: (i: number) => Asked) =>
    Array.from({ length: count }, (_, i) => make(i));
  const plain = (i: number) => {
    const rules = i % 2 ? RULES : '';
    return asked('plain', i % 4 < 2 ? 'gpt-4o' : 'gpt-4.1', name('Plain', i), rules);
  };
  const thinking = (i: number) => asked('reasoning', i % 2 ? 'gpt-5' : 'gpt-5-mini', name('Think', i));
  const batch = (i: number) => ({ ...asked('special', 'gpt-4.1', name('Later', i)), batch: true as const });
  const long = (i: number) => {
    const chapters = Array.from({ length: 16 }, () => CHAPTER).join('');
    // Some are below the threshold and some above it.
    return asked('special', 'gpt-5.4', name('Long', i) + filler(300 * (wave % 2), 'more'), chapters);
  };
  return [
    ...many(30, plain),
    ...many(10, thinking),
    ...many(3, (i) => flex(asked('special', 'gpt-5', name('Flex', i)))),
    ...many(3, batch),
    ...many(wave < LONG ? 1 : 2, (i) =>
      asked('special', 'gpt-5.6-terra', name('Write', i), filler(1300, 'terra', wave)),
    ),
    ...many(wave < LONG ? 1 : 0, long),
    ...many(1, (i) => awkward(name('Awkward', i), world, random)),
  ];
}

const SUBJECTS = ['a refund', 'an invoice', 'a delivery', 'a password', 'a warranty'];

function asked(what: Asked['what'], model: string, prompt: string, rules = ''): Asked {
  const user = { role: 'user' as const, content: prompt };
  return { what, request: { model, messages: rules ? [{ role: 'system', content: rules }, user] : [user] } };
}

function flex({ what, request }: Asked): Asked {
  return { what, request: { ...request, service_tier: 'flex' } };
}

function promptOf({ messages }: Request): string {
  return String(messages.at(-1)?.content);
}

/** A call whose price ends in half a micro-dollar, on the wrong side of which floating point comes out. */
function awkward(prompt: string, { quote }: World<unknown>, random: Random): Asked {
  const model = 'gpt-4o-mini';
  const price = priceOf(model);
  const base = quote('openai', asked('exact', model, prompt).request).inputTokens;
  for (;;) {
    const [more, output] = [random.int(600), 1 + random.int(70)];
    const input = base + more;
    const float = input * price.input + output * price.output;
    if (Math.round(float) === costMicroUsd({ input, cached: 0, output }, price)) continue;
    const { request } = asked('exact', model, prompt + filler(more, 'awkward'));
    return { what: 'exact', request: { ...request, max_tokens: output } };
  }
}
