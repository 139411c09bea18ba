import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { quiz } from '../../days/day1-latency/quiz.ts';
import { defineProvider, defineScenario, inWords, percentile, randomFor } from '../../lib/provider/index.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectFigures } from './figures.ts';
import { figureOf } from './lab-figures.ts';

const SEED = 1;
const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day1-latency') as Day;
const measured: Record<string, string> = {};

beforeAll(async () => {
  Object.assign(measured, await budget(), await tail(), await labs());
}, 60_000);

test('day 1: every figure of the lesson is measured, or quoted from somebody', () => {
  expectFigures('days/day1-latency/README.md', {
    measured,
    quoted: [
      '1 − 0.99¹⁰⁰ = 63 %',
      '1–5 %',
      'about 127 ms',
      'a call of 0.1 s',
      'a call of 10 s',
      'from 1,800 to 74 ms',
      '2 % more requests',
      'a fixed wait of 100 ms',
      '30 requests and 6,000 tokens',
    ],
  });
});

test('day 1: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** Where the time of one call goes, taken apart by changing one thing at a time. */
async function budget(): Promise<Record<string, string>> {
  const model = 'gpt-4o-mini';
  const provider = defineProvider({
    // No tail in the start, and one place: the second call waits for the first.
    deployments: {
      [model]: { model, latency: { p95OverP50: 1 }, load: { capacity: 1, slowdown: 1 } },
    },
  });
  const ask = (words: string) => ({ model, messages: [{ role: 'user' as const, content: words }] });
  const prompt = Array.from({ length: 1350 }, (_, i) => `word${i % 10}`).join(' ');
  const scenario = defineScenario({
    provider,
    traffic: () => null,
    answer: ({ prompt: asked, sentences }) => sentences(asked.length > 100 ? 135 : 20),
    async play(_subject: null, { openai, clock, quote }) {
      const ahead = openai.chat.completions.create(ask('Short.'));
      await clock.sleep(quote('openai', ask('Short.')).totalMs - QUEUE_MS);
      await openai.chat.completions.create({ ...ask(prompt), stream: true }).then(readAll);
      await ahead;
      const tokens = quote('openai', ask(prompt)).outputTokens;
      await openai.chat.completions
        .create({ ...ask(prompt), max_tokens: tokens / 2, stream: true })
        .then(readAll);
    },
  });
  const { ledger, quote, outcome } = await simulate(scenario, null, { seed: SEED });
  expect(outcome).toMatchObject({ ok: true });
  const [, call, half] = ledger.calls;
  const startMs = quote('openai', ask('Short.')).firstTokenMs;
  const firstMs = (call?.firstTokenMs ?? 0) - (call?.startMs ?? 0);
  const totalMs = (call?.endMs ?? 0) - (call?.startMs ?? 0);
  const decodeMs = totalMs - firstMs;
  const halfDecodeMs = (half?.endMs ?? 0) - (half?.firstTokenMs ?? 0);
  const prefillMs = firstMs - QUEUE_MS - startMs;
  const ms = (value: number) => inWords(value, 'ms');
  const share = (value: number) => `${Math.round((value / totalMs) * 1000) / 10} %`;
  return {
    prompt: `a prompt of ${inWords(call?.tokens.input ?? 0, 'tokens')}`,
    answer: `an answer of ${inWords(call?.tokens.output ?? 0, 'tokens')}`,
    start: `| network and start | there and back on an open connection, admission | ${ms(startMs)} |`,
    queue: `| queue | waiting for a place at the provider | ${ms(call?.queuedMs ?? 0)} |`,
    prefill: `| prefill | the model reads the prompt, 27,000 tokens a second | ${ms(prefillMs)} |`,
    decode: `| decode | it writes the answer, about 100 tokens a second, one after the other | ${ms(decodeMs)} |`,
    total: `| | | ${ms(totalMs)} |`,
    'other than start': `for the other ${ms(decodeMs)}`,
    'half the prompt': `Half the prompt saves ${ms(prefillMs / 2)}, ${share(prefillMs / 2)} of the time`,
    'half the answer': `half the answer saves ${ms(decodeMs - halfDecodeMs)}, ${share(decodeMs - halfDecodeMs)}`,
    'first words': `first words are there after ${ms(firstMs)}`,
  };
}

const QUEUE_MS = 200;

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** What a single call takes, and what the slowest of a hundred does. */
async function tail(): Promise<Record<string, string>> {
  const model = 'gpt-4o-mini';
  const scenario = defineScenario({
    provider: defineProvider({ deployments: { [model]: { model } } }),
    traffic: () => null,
    play: (_subject: null, { quote }) =>
      Array.from(
        { length: 1000 },
        (_, i) => quote('openai', { model, messages: [{ role: 'user', content: `Question ${i}` }] }).totalMs,
      ),
  });
  const { outcome } = await simulate(scenario, null, { seed: SEED });
  const calls = outcome.ok ? outcome.value : [];
  const random = randomFor(SEED, 'fan-outs');
  const slowest = Array.from({ length: 1000 }, () =>
    Math.max(...Array.from({ length: 100 }, () => random.pick(calls))),
  );
  const p99 = percentile(calls, 99);
  const meets = slowest.filter((ms) => ms > p99).length / slowest.length;
  return {
    'single call': `median of a single call is ${inWords(percentile(calls, 50), 'ms')}, its 99th percentile ${inWords(p99, 'ms')}`,
    'hundred calls': `median of the slowest of a hundred is ${inWords(percentile(slowest, 50), 'ms')}`,
    share: `${Math.round(meets * 100)} % of a thousand fan-outs`,
  };
}

/** Figures of the labs, from their own checks. */
async function labs(): Promise<Record<string, string>> {
  const [sync, async] = await figuresOf('1-fan-out', ['before.ts', 'fan-out.ts'], 'makespan');
  const [wholeFirst, streamFirst] = await figuresOf(
    '2-streaming',
    ['before.ts', 'stream-answer.ts'],
    'p95 TTFT',
  );
  const [wholeEnd, streamEnd] = await figuresOf(
    '2-streaming',
    ['before.ts', 'stream-answer.ts'],
    'p95 whole answer',
  );
  const [one, chunks, sliding] = await figuresOf(
    '3-limiter',
    ['before.ts', 'mistakes/chunks', 'limiter.ts'],
    'makespan',
  );
  const [semaphore, books] = await figuresOf('5-quota', ['before.ts', 'quota.ts'], 'refusals');
  const [ninefoldCalls, budgetCalls] = await figuresOf(
    '4-retry',
    ['before.ts', 'retry.ts'],
    'attempts per request',
  );
  const [ninefold, withBudget] = await figuresOf('4-retry', ['before.ts', 'retry.ts'], 'answered in time');
  const [alwaysWaits, predicts] = await figuresOf(
    '6-batcher',
    ['mistakes/always-waits', 'batcher.ts'],
    'mean wait in quiet hours',
  );
  const [inOrder, graph] = await figuresOf(
    '7-critical-path',
    ['before.ts', 'run-plan.ts'],
    'p95 critical content',
  );
  return {
    'sync and async': `Fifty calls take ${sync} one after the other and ${async} side by side`,
    streaming: `| first words | ${wholeFirst} | ${streamFirst} |`,
    'streaming, whole': `| whole answer | ${wholeEnd} | ${streamEnd} |`,
    limiter: `one at a time take ${one}, in chunks of ten ${chunks}, through a limiter of ten ${sliding}`,
    quota: `a semaphore of five meets ${semaphore} refusals, and a limiter that keeps the provider's own books meets ${books} `,
    'three times three': `answered ${ninefold} of the requests, with ${ninefoldCalls} the calls`,
    'with a budget': `answered ${withBudget} with ${budgetCalls} `,
    batcher: `waits ${alwaysWaits} for nobody; with a prediction it waits ${predicts}`,
    'critical path': `reply after ${graph} instead of ${inOrder}`,
  };
}

/** One figure of a lab for several subjects, in words. One after the other: two runs cannot share a clock. */
async function figuresOf(slug: string, subjects: string[], metric: string): Promise<string[]> {
  const words: string[] = [];
  for (const subject of subjects) words.push(await figureOf(day, slug, subject, metric));
  return words;
}
