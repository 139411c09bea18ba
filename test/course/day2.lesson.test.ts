import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bill, readShare, type Sent, scenario } from '../../days/day2-tokens/5-prefix-layout/scenario.ts';
import { KINDS } from '../../days/day2-tokens/6-routing/scenario.ts';
import type { BuiltPrompt, PromptInput } from '../../days/day2-tokens/contracts/build-prompt.ts';
import { quiz } from '../../days/day2-tokens/quiz.ts';
import {
  defineScenario,
  filler,
  inWords,
  leastEffort,
  modelFor,
  randomFor,
  sum,
} from '../../lib/provider/index.ts';
import { findModel, MODEL_NAMES } from '../../lib/provider/models.ts';
import { priceOf } from '../../lib/provider/money.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { countTokens, textOf } from '../../lib/provider/tokens.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import * as starter from '../../solutions/day2-tokens/5-prefix-layout/before.ts';
import * as solution from '../../solutions/day2-tokens/5-prefix-layout/build-prompt.ts';
import { expectPhrases } from './figures.ts';
import { fastLane, printedRow } from './printed-figures.ts';

const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day2-tokens') as Day;
const lesson = readFileSync(join(day.dir, 'README.md'), 'utf8');
const measured: Record<string, string> = { ...prices(), ...labs() };

beforeAll(async () => {
  Object.assign(measured, await oneCall(), await layouts());
});

test('day 2: the figures of the lesson and of tasks are measured', () => {
  expectPhrases('days/day2-tokens/README.md', { ...measured, ...fastLane(day) });
  const pieces = sum(Object.values(KINDS).map(({ count }) => count));
  expectPhrases('days/day2-tokens/6-routing/README.md', { pieces: `A shop has ${pieces} pieces of work` });
  expectPhrases('solutions/day2-tokens/6-routing/NOTES.md', {
    pieces: `Ten contracts among ${pieces} tasks`,
  });
  const uuid = `A UUID of 36 characters has some ${uuidTokens()} tokens`;
  expectPhrases('days/day2-tokens/quiz.ts', { uuid });
  expectPhrases('days/day2-tokens/1-count-tokens/README.md', { uuid: uuid.replace('A', 'a') });
});

test('day 2: the abbreviations that the lesson names save nothing', () => {
  const words = ['generate', 'create', 'professional', 'approximately', 'information'];
  for (const word of [...words, 'gen', 'make', 'pro', '~', 'info']) {
    expect(lesson).toContain(`"${word}"`);
    expect(countTokens(word), word).toBe(1);
  }
});

test('day 2: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** Of the mean UUID. */
function uuidTokens(): number {
  const random = randomFor(1, 'uuids');
  const hex = (length: number) => Array.from({ length }, () => random.int(16).toString(16)).join('');
  const uuids = Array.from({ length: 200 }, () => [8, 4, 4, 4, 12].map(hex).join('-'));
  return Math.round(sum(uuids.map((uuid) => countTokens(uuid))) / uuids.length);
}

/** The bill of the call that the lesson opens with, from the provider's ledger, a line at a time. */
async function oneCall(): Promise<Record<string, string>> {
  const model = modelFor('small');
  const [plain, read] = [979, 1024];
  // The frame of the rules' message and what primes the answer count as well.
  const rules = filler(read - 7, 'rules');
  const breakpoint = { prompt_cache_breakpoint: { mode: 'explicit' as const } };
  const ask = (pages: number) => ({
    model,
    max_completion_tokens: 250,
    reasoning_effort: leastEffort(model),
    prompt_cache_key: 'desk',
    prompt_cache_options: { mode: 'explicit' as const },
    messages: [
      { role: 'system' as const, content: [{ type: 'text' as const, text: rules, ...breakpoint }] },
      { role: 'user' as const, content: `My question.${filler(pages, 'pages')}` },
    ],
  });
  const call = defineScenario({
    provider: { deployments: { small: {} } },
    answer: ({ sentences }) => sentences(300),
    traffic: () => null,
    async play(_subject: null, { openai, quote }) {
      // The first call leaves its beginning in the cache; the second has exactly the tokens of the lesson.
      await openai.chat.completions.create(ask(0));
      await openai.chat.completions.create(ask(plain + read - quote('openai', ask(0)).inputTokens));
    },
  });
  const { ledger } = await simulate(call, null, { seed: 1 });
  const { tokens, costMicroUsd = 0 } = ledger.calls[1] ?? {};
  const { input = 0, cached = 0, output = 0 } = tokens ?? {};
  const price = priceOf(model);
  expect(cached).toBe(read);
  expect(Math.round((input + output) / output), 'a ninth of the tokens').toBe(9);
  expect(costMicroUsd, 'a fortieth of a cent').toBeLessThan(250);
  const uncached = input - cached;
  const row = (name: string, count: number, usd: number) =>
    `| ${name} | ${count.toLocaleString('en')} | $${usd.toFixed(2)} | ${Math.round(count * usd)} |`;
  const inputCost = uncached * price.input + cached * (price.cachedInput ?? 0);
  return {
    'new input': row('input, read for the first time', uncached, price.input),
    'cached input': row("input, out of the provider's cache", cached, price.cachedInput ?? 0),
    output: row('output', output, price.output),
    bill: `| | ${(input + output).toLocaleString('en')} | | ${costMicroUsd} |`,
    'share of the output': `a ninth of the tokens is ${inWords((output * price.output) / costMicroUsd, 'share')} of the bill`,
    'the cache': `the cache took ${inWords(1 - inputCost / (input * price.input), 'share')} off the input`,
    'a month': `a hundred thousand of them a month are $${Math.floor(costMicroUsd / 10)}.`,
    'one call': 'Less than a fortieth of a cent',
  };
}

/** Lab 5 in four ways, in both reported behaviours of implicit mode. */
async function layouts(): Promise<Record<string, string>> {
  const unmarked = (cacheMode: BuiltPrompt['cacheMode']) => ({
    buildPrompt(input: PromptInput): BuiltPrompt {
      const built = solution.buildPrompt(input);
      const messages = built.messages.map((message) => ({ ...message, content: textOf(message.content) }));
      return { ...built, messages: messages as BuiltPrompt['messages'], cacheMode };
    },
  });
  const ways: [name: string, subject: Pick<typeof solution, 'buildPrompt'>][] = [
    ['the time first', starter],
    ['the time last', unmarked('implicit')],
    ['no cache', unmarked('explicit')],
    ['the time last, and one breakpoint', solution],
  ];
  const rows: Record<string, string> = {};
  const bills: number[][] = [];
  for (const [name, subject] of ways) {
    const { outcome } = await simulate(scenario, subject, { seed: 1 });
    if (!outcome.ok) throw outcome.error;
    const { repeated, other } = outcome.value;
    bills.push([bill(repeated), bill(other)]);
    const cells = [readShare(repeated), writtenShare(repeated)].map((share) => inWords(share, 'share'));
    const usd = [bill(repeated), bill(other)].map((microUsd) => inWords(microUsd, 'microUsd'));
    rows[`layout: ${name}`] = `| ${[name, ...cells, ...usd].join(' | ')} |`;
  }
  const [first, last, none, marked] = bills as [number[], number[], number[], number[]];
  expect(Math.abs(1 - (last[0] ?? 0) / (first[0] ?? 1)), 'the layout alone is worth nothing').toBeLessThan(
    0.02,
  );
  for (const which of [0, 1])
    expect(marked[which], 'the breakpoint wins in both').toBeLessThan(
      Math.min(first[which] ?? 0, last[which] ?? 0, none[which] ?? 0),
    );
  expect(last[0], 'and costs more than no cache').toBeGreaterThan(none[0] ?? 0);
  return rows;
}

function writtenShare(sent: readonly Sent[]): number {
  const tokens = sent.map(({ call }) => call.tokens);
  return sum(tokens.map(({ cacheWrite = 0 }) => cacheWrite)) / sum(tokens.map(({ input }) => input));
}

/** What the catalogue says where the lesson speaks of prices. */
function prices(): Record<string, string> {
  const { input, cachedInput = 0, output } = priceOf(modelFor('small'));
  const living = MODEL_NAMES.filter((name) => {
    const { kind, family, lastDay } = findModel(name) ?? {};
    return kind === 'chat' && family?.startsWith('gpt-6') && lastDay?.openai === null;
  });
  const inputs = living.map((name) => priceOf(name).input);
  expect(Math.max(...inputs) / Math.min(...inputs), 'a hundredfold').toBeCloseTo(100, 9);
  const ofOneFamily = priceOf(modelFor('strong')).input / input;
  expect(findModel(modelFor('strong'))?.family).toBe(findModel(modelFor('small'))?.family);
  expect(ofOneFamily, 'twentyfold').toBeCloseTo(20, 9);
  const shares = living.map((name) => (priceOf(name).cachedInput ?? 0) / priceOf(name).input);
  expect([Math.max(...shares), Math.min(...shares)].map((share) => share.toFixed(2))).toEqual([
    '0.10',
    '0.05',
  ]);
  for (const name of living) {
    const { input: plain, cacheWrites = {} } = priceOf(name);
    expect([cacheWrites['30m'], cacheWrites['12h']]).toEqual([1.25 * plain, 2.5 * plain]);
  }
  const times = ['', '', 'two', 'three', 'four', 'five'][output / input];
  return {
    model: `a model at $${input.toFixed(2)} for a million input tokens, $${cachedInput.toFixed(2)} for cached ones and $${output.toFixed(2)} for output`,
    'output against input': `output costs ${times} times as much as input`,
    discount: 'at a tenth to a twentieth of the price',
    writes:
      'Writing costs a quarter more than input that is not cached, and two and a half times its price where it is kept for twelve hours',
    family:
      'From the cheapest to the most expensive GPT-6 model the price rises a hundredfold, from the small to the strong one of these labs twentyfold',
  };
}

/** What the labs print, each held to its measurement by the proof of the day. */
function labs(): Record<string, string> {
  const estimate = printedRow(day, '1-count-tokens', 'worst error of an estimate');
  const saved = printedRow(day, '3-compress-prompts', 'tokens saved, least of three prompts');
  const grown = printedRow(day, '4-context-window', 'input read from the cache');
  const routed = printedRow(day, '6-routing', 'bill, as a share of the strong model');
  const quality = printedRow(day, '6-routing', 'quality, as a share of the strong model');
  const combined = printedRow(day, '7-fewer-calls', 'bill of the tasks, as a share of one by one');
  return {
    'characters by four': `is off by ${estimate.before} on the worst of six kinds of text`,
    'send less': `${saved.reference} fewer tokens in the prompt where it is hardest`,
    grown: `cut rarely, it read ${grown.reference} of its input from the cache`,
    routing: `brought a day's work to ${routed.reference} of its bill, with ${quality.reference} as many tasks right`,
    combining: `forty-eight of them to ${combined.reference} of the bill`,
  };
}
