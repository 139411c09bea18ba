import type * as Subject from '#days/day2-tokens/3-compress-prompts/compress-prompt.ts';
import { type Call, defineScenario, leastEffort, modelFor, type Premise, sum } from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { priceOf } from '#lib/provider/money.ts';
import { countTokens as countAnew } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/compress-prompt.ts';
import { codePrompts, type Prompt, shopPrompts, tablePrompts } from '../prompts.ts';
import { provider } from '../provider.ts';

const MODEL = modelFor('small');
const { input: INPUT, cachedInput: READ = 0, cacheWrite: WRITE = 0, output: OUTPUT } = priceOf(MODEL);

/** What a token out of the cache costs of one that is read anew. */
export const READ_SHARE = READ / INPUT;

export const premises: Premise[] = [
  {
    says: 'The small model caches up to breakpoints',
    holds: () => findModel(MODEL)?.promptCache === 'breakpoint',
  },
  { says: 'A read from the cache costs at most a quarter of input', holds: () => READ <= INPUT / 4 },
];

/** Each prompt has to lose so much of its tokens. */
export const TO_SAVE = 0.3;
/** Ten calls a minute for each prompt: the provider keeps a prefix in its cache that is read that often. */
const EVERY_MS = 6000;
/** The requests of one prompt stand for so many a month. */
const MONTHLY = 100_000;
/** The provider's cache begins here. */
const CACHED = 1024;
/** What a request of one message costs besides its text, and one more where it is cut in two. */
const FRAME = 8;
export const PROTECT = [/```[\s\S]*?```/g, /`[^`\n]+`/g];

const counted = new Map<string, number>();

/** Exact, and each text only once: the long prompts are the same for every subject. */
export function countTokens(text: string): number {
  const known = counted.get(text) ?? countAnew(text);
  counted.set(text, known);
  return known;
}

export type Name = 'shop' | 'orders' | 'code';
export const NAMES: readonly Name[] = ['shop', 'orders', 'code'];

/** One request: what was sent, whether the answer was right, and what the provider made of it. */
export interface Sent {
  prompt: Prompt;
  long: string;
  text: string;
  tokens: number;
  right: boolean;
  call: Call;
  claimed: number;
}

/** Three prompts, each asked a dozen times as it is today and again as the subject has compressed it. */
export const scenario = defineScenario({
  provider,
  // The same words each time: bills then differ by what is sent. Whether an answer is right, `isRight` decides.
  answer: () => 'According to the page, this is how it is; there is nothing else to add to it.',
  traffic: (random) => ({
    shop: shopPrompts(random),
    orders: tablePrompts(random),
    code: codePrompts(random),
  }),
  async play(subject: typeof Subject, { openai, traffic, clock, ledger }) {
    const texts = Object.fromEntries(
      NAMES.map((name) => {
        const long = traffic[name].map(join);
        const compressed = traffic[name].map((prompt) =>
          subject.compressPrompt(structuredClone(prompt.parts), {
            budget: budgetOf(prompt),
            protect: PROTECT,
            countTokens,
          }),
        );
        return [
          name,
          {
            long,
            compressed,
            before: sameBeginning(long),
            after: sameBeginning(compressed.map(({ text }) => text)),
          },
        ];
      }),
    ) as Record<Name, Texts>;
    const send = async (
      prompt: Prompt,
      text: string,
      same: string,
      key: string,
      claimed = 0,
    ): Promise<Sent> => {
      await openai.chat.completions.create({
        model: MODEL,
        messages: [{ role: 'user', content: markedAfter(same, text) }],
        prompt_cache_key: key,
        prompt_cache_options: { mode: 'explicit' },
        reasoning_effort: leastEffort(MODEL),
      });
      const call = ledger.calls.at(-1) as Call;
      const long = join(prompt);
      return { prompt, long, text, tokens: countTokens(text), right: isRight(prompt, text), call, claimed };
    };
    const before: Record<Name, Sent[]> = { shop: [], orders: [], code: [] };
    const after: Record<Name, Sent[]> = { shop: [], orders: [], code: [] };
    for (let i = 0; i < traffic.shop.length; i += 1) {
      for (const name of NAMES) {
        const prompt = traffic[name][i] as Prompt;
        const { long, compressed, before: same, after: sameAfter } = texts[name];
        const { text, saved } = compressed[i] as Contract.Compressed;
        before[name].push(await send(prompt, long[i] as string, same, `${name} before`));
        after[name].push(await send(prompt, text, sameAfter, `${name} after`, saved));
      }
      await clock.sleep(EVERY_MS);
    }
    const savings = NAMES.map(
      (name): Contract.Saving => ({
        prompt: name,
        tokensBefore: tokensOf(before[name]),
        tokensAfter: tokensOf(after[name]),
        usdBefore: monthlyUsd(before[name]),
        usdAfter: monthlyUsd(after[name]),
      }),
    );
    return { before, after, savings, report: subject.savingsReport(savings) };
  },
  readings({ traffic, outcome }) {
    const { before, after } = outcome.value;
    const shares = (sent: Record<Name, Sent[]>) => NAMES.map((name) => share(sent[name]));
    const baseline = Math.min(...shares(before));
    const leastFor = (name: Name) => sum(traffic[name].map(leastTokens));
    return {
      'tokens saved, least of three prompts': {
        unit: 'share',
        better: 'higher',
        value: Math.min(...NAMES.map((name) => saved(before[name], after[name]))),
        target: TO_SAVE,
        limit: Math.min(...NAMES.map((name) => 1 - leastFor(name) / tokensOf(before[name]))),
      },
      'right answers, least of three prompts': {
        unit: 'share',
        better: 'higher',
        value: Math.min(...shares(after)),
        target: baseline - 0.01,
        limit: baseline,
      },
      'bill of the shop prompt': {
        unit: 'microUsd',
        better: 'lower',
        value: bill(after.shop),
        target: billWithin(traffic.shop, after.shop),
        limit: leastBill(traffic.shop, after.shop),
      },
    };
  },
});

/** What was made of one prompt's requests, and with what all of them begin. */
interface Texts {
  long: string[];
  compressed: Contract.Compressed[];
  before: string;
  after: string;
}

/** With what all texts begin. */
function sameBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const text of others) while (!text.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** The text in two parts, with a breakpoint behind what it has in common with the others. */
function markedAfter(same: string, text: string) {
  const part = (some: string, marks = {}) => ({ type: 'text' as const, text: some, ...marks });
  const breakpoint = { prompt_cache_breakpoint: { mode: 'explicit' as const } };
  return same === '' ? text : [part(same, breakpoint), part(text.slice(same.length))];
}

export function share(sent: readonly Sent[]): number {
  return sent.filter(({ right }) => right).length / sent.length;
}

export function saved(before: readonly Sent[], after: readonly Sent[]): number {
  return 1 - tokensOf(after) / tokensOf(before);
}

/** Tokens of these prompts before and after the five abbreviations of a well-known prompt compressor. */
export function abbreviated(prompts: readonly Prompt[]): { before: number; after: number } {
  const short: [RegExp, string][] = [
    [/generate/gi, 'gen'],
    [/create/gi, 'make'],
    [/professional/gi, 'pro'],
    [/approximately/gi, '~'],
    [/information/gi, 'info'],
  ];
  const texts = prompts.map(join);
  const shorter = texts.map((text) => short.reduce((all, [word, to]) => all.replace(word, to), text));
  return { before: sum(texts.map(countTokens)), after: sum(shorter.map(countTokens)) };
}

/** The oracle: a model answers right if what it needs is in the prompt, and the values of a record stand together. */
function isRight({ parts, needs, lines = [], together }: Prompt, text: string): boolean {
  const others = parts.rows.map((row) => String(row.order)).filter((order) => !together.includes(order));
  // What stands between the numbers of two other orders belongs to this one.
  const records = others.length > 0 ? text.split(new RegExp(others.join('|'))) : [text];
  return (
    [parts.question, ...needs].every((need) => text.includes(need)) &&
    lines.every((group) => standsInOneLine(group, text)) &&
    records.some((record) => together.every((value) => record.includes(value)))
  );
}

/** True if some line says all of it. */
export function standsInOneLine(group: readonly string[], text: string): boolean {
  return text.split('\n').some((line) => group.every((part) => line.includes(part)));
}

function join({ parts: { shared, chunks, rows, question } }: Prompt): string {
  const table = rows.length > 0 ? [JSON.stringify(rows, null, 2)] : [];
  return [shared, ...chunks, ...table, question].join('\n\n');
}

export function budgetOf(prompt: Prompt): number {
  return Math.floor(countTokens(join(prompt)) * (1 - TO_SAVE));
}

/** A bound: no text with a right answer has fewer tokens than what it needs, less one at each end of a span. */
function leastTokens({ parts, needs, lines = [], together }: Prompt): number {
  const spans = [...new Set([parts.question, ...needs, ...lines.flat(), ...together])];
  const apart = spans.filter((span) => !spans.some((other) => other !== span && other.includes(span)));
  const known = apart.filter((span) => join({ parts, needs: [], together: [] }).includes(span));
  return sum(known.map((span) => Math.max(0, countTokens(span) - 2)));
}

/** A bound: all of the least tokens read from the cache, and the answers as they were. */
function leastBill(prompts: readonly Prompt[], sent: readonly Sent[]): number {
  return Math.floor(sum(prompts.map(leastTokens)) * READ + answersOf(sent) * OUTPUT);
}

/** What stays within the budget and has 1,024 tokens of prefix in the cache, written once, costs at most this. */
function billWithin(prompts: readonly Prompt[], sent: readonly Sent[]): number {
  const uncached = sum(prompts.map((prompt) => budgetOf(prompt) + FRAME - CACHED));
  const cached = CACHED * (prompts.length - 1);
  return Math.ceil(uncached * INPUT + CACHED * WRITE + cached * READ + answersOf(sent) * OUTPUT);
}

function answersOf(sent: readonly Sent[]): number {
  return sum(sent.map(({ call }) => call.tokens.output));
}

function tokensOf(sent: readonly Sent[]): number {
  return sum(sent.map(({ tokens }) => tokens));
}

function bill(sent: readonly Sent[]): number {
  return sum(sent.map(({ call }) => call.costMicroUsd));
}

function monthlyUsd(sent: readonly Sent[]): number {
  return (bill(sent) / sent.length / 1e6) * MONTHLY;
}
