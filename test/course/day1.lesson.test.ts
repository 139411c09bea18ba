import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { quiz } from '../../days/day1-latency/quiz.ts';
import {
  defineProvider,
  defineScenario,
  findModel,
  inWords,
  modelFor,
  percentile,
  quick,
  randomFor,
  type World,
} from '../../lib/provider/index.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { quizProblems } from '../../lib/workbook/quiz.ts';
import { type Day, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectPhrases } from './figures.ts';
import { figureOf } from './lab-figures.ts';
import { fastLane } from './printed-figures.ts';

const SEED = 1;
const day = readWorkbook(resolve('.')).days.find(({ slug }) => slug === 'day1-latency') as Day;
const measured: Record<string, string> = {};

beforeAll(async () => {
  Object.assign(measured, await budget(), await tail(), await labs());
}, 60_000);

test('day 1: the figures of the lesson are measured', () => {
  expectPhrases('days/day1-latency/README.md', { ...measured, ...fastLane(day) });
});

test('day 1: the quiz has ten questions or more, and says of each option why', () => {
  expect(quizProblems(quiz)).toEqual([]);
  expect(quiz.length).toBeGreaterThanOrEqual(10);
});

/** Where the time of one call goes, taken apart by changing one thing at a time. */
async function budget(): Promise<Record<string, string>> {
  const model = modelFor('small');
  const provider = defineProvider({
    // No tail in the start, and one place: the second call waits for the first.
    deployments: { small: { latency: { p95OverP50: 1 }, load: { capacity: 1, slowdown: 1 } } },
  });
  const { prefillPerSec = 0 } = findModel(model)?.latency ?? {};
  const ask = (words: string) => ({
    ...quick(model),
    messages: [{ role: 'user' as const, content: words }],
  });
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
        .create({ ...ask(prompt), max_completion_tokens: tokens / 2, stream: true })
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
    prefill: `| prefill | the model reads the prompt, ${prefillPerSec.toLocaleString('en')} tokens a second | ${ms(prefillMs)} |`,
    decode: `| decode | it writes the answer, ${Math.round(((call?.tokens.output ?? 0) / decodeMs) * 1000)} tokens a second, one after the other | ${ms(decodeMs)} |`,
    total: `| | | ${ms(totalMs)} |`,
    'other than start': `for the other ${ms(decodeMs)}`,
    'half the prompt': `Half the prompt saves ${ms(prefillMs / 2)}, ${share(prefillMs / 2)} of the time`,
    'half the answer': `half the answer saves ${ms(decodeMs - halfDecodeMs)}, ${share(decodeMs - halfDecodeMs)}`,
    thinking: thinking(ask, quote),
    'first words': `first words are there after ${ms(firstMs)}`,
  };
}

const QUEUE_MS = 200;

/** How much later the first word comes when the model is left to its own effort, over many questions. */
function thinking(
  ask: (words: string) => ReturnType<typeof quick> & { messages: { role: 'user'; content: string }[] },
  quote: World<unknown>['quote'],
): string {
  const questions = Array.from({ length: 200 }, (_, i) => ask(`Question ${i}`));
  const later = questions.map((asked) => {
    const byItself = quote('openai', { ...asked, reasoning_effort: null });
    const atOnce = quote('openai', asked);
    return {
      ms: byItself.firstTokenMs - atOnce.firstTokenMs,
      tokens: byItself.outputTokens - atOnce.outputTokens,
    };
  });
  const [tokens, p50, p95] = [
    percentile(
      later.map((each) => each.tokens),
      50,
    ),
    percentile(
      later.map(({ ms }) => ms),
      50,
    ),
    percentile(
      later.map(({ ms }) => ms),
      95,
    ),
  ] as const;
  return `thinks first: ${inWords(tokens, 'tokens')} at the median of two hundred questions, so that the first word comes ${inWords(p50, 'ms')} later, and for one in twenty ${inWords(p95, 'ms')}`;
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** What a single call takes, and what the slowest of a hundred does. */
async function tail(): Promise<Record<string, string>> {
  const model = modelFor('small');
  const scenario = defineScenario({
    provider: defineProvider({ deployments: { small: {} } }),
    traffic: () => null,
    play: (_subject: null, { quote }) =>
      Array.from(
        { length: 1000 },
        (_, i) =>
          quote('openai', { ...quick(model), messages: [{ role: 'user', content: `Question ${i}` }] })
            .totalMs,
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
