import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { quiz } from '../../days/day2-tokens/quiz.ts';
import { defineProvider, defineScenario, filler, inWords } from '../../lib/provider/index.ts';
import { priceOf } from '../../lib/provider/money.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { countTokens } from '../../lib/provider/tokens.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectFigures } from './figures.ts';
import { printedRow } from './printed-figures.ts';

const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day2-tokens') as Day;
const lesson = readFileSync(join(day.dir, 'README.md'), 'utf8');
const measured: Record<string, string> = { ...prices(), ...labs() };

beforeAll(async () => {
  Object.assign(measured, await oneCall());
});

test('day 2: every figure of the lesson is measured, or quoted from somebody', () => {
  expectFigures('days/day2-tokens/README.md', {
    measured,
    quoted: [
      "From 1,024 tokens on (OpenAI's guide on prompt caching)",
      'a shared prefix that is cut to under 1,024 tokens is not cached at all',
    ],
  });
});

test('day 2: the abbreviations that the lesson names save nothing', () => {
  const words = ['generate', 'create', 'professional', 'approximately', 'information'];
  for (const word of [...words, 'gen', 'make', 'pro', '~', 'info']) {
    expect(lesson).toContain(`"${word}"`);
    expect(countTokens(word), word).toBe(1);
  }
});

test('day 2: the lesson says how long the fast lane takes', () => {
  const fast = day.labs.filter(({ lane }) => lane === 'fast').reduce((sum, { minutes }) => sum + minutes, 0);
  expect(lesson).toContain(`The fast lane is about ${fast} minutes`);
});

test('day 2: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** The bill of the call that the lesson opens with, from the provider's ledger, a line at a time. */
async function oneCall(): Promise<Record<string, string>> {
  const model = 'gpt-4.1-mini';
  const rules = filler(1100, 'rules');
  const ask = (pages: number) => ({
    model,
    max_tokens: 250,
    messages: [
      { role: 'system' as const, content: rules },
      { role: 'user' as const, content: `My question.${filler(pages, 'pages')}` },
    ],
  });
  const scenario = defineScenario({
    provider: defineProvider({ deployments: { [model]: { model } } }),
    answer: ({ sentences }) => sentences(300),
    traffic: () => null,
    async play(_subject: null, { openai, quote }) {
      // The first call leaves its beginning in the cache; the second has exactly the tokens of the lesson.
      await openai.chat.completions.create(ask(0));
      const rest = 979 + 1024 - quote('openai', ask(0)).inputTokens;
      await openai.chat.completions.create(ask(rest));
    },
  });
  const { ledger } = await simulate(scenario, null, { seed: 1 });
  const { tokens, costMicroUsd = 0 } = ledger.calls[1] ?? {};
  const { input = 0, cached = 0, output = 0 } = tokens ?? {};
  const price = priceOf(model);
  expect(Math.round((input + output) / output), 'a ninth of the tokens').toBe(9);
  expect(costMicroUsd).toBeLessThan(1000);
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
    'one call': 'Less than a tenth of a cent',
  };
}

/** What the price file says where the lesson speaks of prices. */
function prices(): Record<string, string> {
  const { input, cachedInput = 0, output } = priceOf('gpt-4.1-mini');
  const dear = (model: string) => priceOf(model).input / priceOf('gpt-4.1-nano').input;
  const discount = (model: string) => (priceOf(model).cachedInput ?? 0) / priceOf(model).input;
  expect([discount('gpt-4o'), discount('gpt-5')]).toEqual([0.5, 0.1]);
  expect(dear('gpt-4.1')).toBeCloseTo(20, 9);
  expect(dear('gpt-4.1-mini') / dear('gpt-5-nano')).toBeCloseTo(8, 9);
  return {
    model: `a model at $${input.toFixed(2)} for a million input tokens, $${cachedInput.toFixed(2)} for cached ones and $${output.toFixed(2)} for output`,
    'output against input': `output costs ${['', '', 'two', 'three', 'four'][output / input]} times as much as input`,
    discount: 'at a half to a tenth of the price',
    family: 'the price rises twentyfold',
    'dear and cheap': 'one whose input is eight times as dear',
  };
}

/** What the labs print, each held to its measurement by the proof of the day. */
function labs(): Record<string, string> {
  const estimate = printedRow(day, '1-count-tokens', 'worst error of an estimate');
  const saved = printedRow(day, '3-compress-prompts', 'tokens saved, least of three prompts');
  const cached = printedRow(day, '5-prefix-layout', 'input read from the cache');
  const desk = printedRow(day, '5-prefix-layout', 'bill of the help desk');
  const routed = printedRow(day, '6-routing', 'bill, as a share of the strong model');
  const quality = printedRow(day, '6-routing', 'quality, as a share of the strong model');
  const combined = printedRow(day, '7-fewer-calls', 'bill of the tasks, as a share of one by one');
  expect(quality.reference).toBe('100 %');
  return {
    'characters by four': `is off by ${estimate.before} on the worst of six kinds of text`,
    'send less': `${saved.reference} fewer tokens in the prompt where it is hardest`,
    layout: `read ${cached.before} of its input from the cache, with the time in the last message ${cached.reference}`,
    'layout, bill': `the bill fell from ${desk.before} to ${desk.reference}`,
    routing: `brought a day's work to ${routed.reference} of its bill, with as many tasks right`,
    combining: `forty-eight of them to ${combined.reference} of the bill`,
  };
}
