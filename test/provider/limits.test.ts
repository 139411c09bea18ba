import { RateLimitError } from 'openai';
import { expect, test } from 'vitest';
import { goDuration } from '../../lib/provider/duration.ts';
import type { Deployment } from '../../lib/provider/provider-plan.ts';
import { createQuota, overBucket } from '../../lib/provider/quota.ts';
import { createSimulator } from '../../lib/provider/simulator.ts';
import { ask, run } from './support.ts';

test.for([
  // limit, used, requested and the wait that six real messages named, from public issue trackers.
  [30_000, 29_937, 385, '644ms'], // BuilderIO/micro-agent#86
  [30_000, 14_567, 24_754, '18.642s'], // semanser/codel#72
  [30_000, 18_928, 11_159, '174ms'], // continuedev/continue#11472
  [30_000, 28_039, 3_906, '3.89s'], // continuedev/continue#10502
  [200_000, 162_960, 42_288, '1.574s'], // openai/codex#88
  [10_000, 8_554, 3_082, '9.816s'], // FoundationAgents/MetaGPT#523
] as const)('the wait of a real 429 follows from its numbers: %s', ([limit, used, requested, said]) => {
  expect(goDuration(overBucket(limit, used, requested, 'tokens').waitMs)).toBe(said);
});

test.for([
  [5000, 1, '12ms'], // community.openai.com/t/1268905
  [3500, 1, '17ms'], // openai/openai-python#416
  [60, 1, '1s'], // OpenAI's rate limit guide
] as const)('the reset of a real header follows from limit and rest: %s', ([limit, used, said]) => {
  const quota = createQuota({ vendor: 'openai', quota: { requestsPerMin: limit } });
  for (let i = 0; i < used; i += 1) quota.take(0, 0);
  expect(quota.headers(0)).toEqual({
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(limit - used),
    'x-ratelimit-reset-requests': said,
  });
});

test.for([
  [0, '0ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1500.9, '1.5s'],
  [360_000, '6m0s'],
  [3_725_250, '1h2m5.25s'],
] as const)('durations are written as Go writes them: %s', ([ms, text]) => {
  expect(goDuration(ms)).toBe(text);
});

test('who waits as long as the 429 says gets in, whatever the limit', () => {
  for (const limit of [7, 60, 999, 10_000, 1_000_000]) {
    const quota = createQuota({ vendor: 'openai', quota: { tokensPerMin: limit } });
    let nowMs = 0.5;
    for (let i = 0; i < 200; i += 1) {
      const amount = 1 + ((i * 7919) % Math.ceil(limit / 3));
      const first = quota.take(nowMs, amount);
      if (!('over' in first)) continue;
      nowMs += first.over.waitMs ?? 0;
      expect('lease' in quota.take(nowMs, amount)).toBe(true);
    }
  }
});

const LIMITED = {
  'gpt-4o-mini': { model: 'gpt-4o-mini', quota: { requestsPerMin: 60, tokensPerMin: 10_000 } },
} as const;

test('headers, text and wait of a 429 tell the same story, and the SDK obeys it', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const body = { ...ask('Hello'), max_tokens: 4000 };
      const first = await openai.chat.completions.create(body).withResponse();
      const refused = await Promise.allSettled(
        [2, 3, 4].map(() => openai.chat.completions.create(body, { maxRetries: 0 })),
      );
      const late = await Promise.all(
        [5, 6, 7].map(() => openai.chat.completions.create(body, { maxRetries: 4 })),
      );
      return { first: first.response, refused, late };
    },
    { deployments: LIMITED },
  );
  expect(value.first.headers.get('x-ratelimit-limit-tokens')).toBe('10000');
  expect(value.first.headers.get('x-ratelimit-remaining-requests')).toBe('59');
  const error = value.refused.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))[0];
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', type: 'tokens', param: null });
  const [, limit, used, requested, wait] =
    /^429 Rate limit reached for gpt-4o-mini in organization \S+ on tokens per min \(TPM\): Limit (\d+), Used (\d+), Requested (\d+)\. Please try again in (\S+)\./.exec(
      error.message,
    ) ?? [];
  const waitMs = Number(error.headers.get('retry-after-ms'));
  expect(goDuration(waitMs)).toBe(wait);
  expect(waitMs).toBe(overBucket(Number(limit), Number(used), Number(requested), 'tokens').waitMs);
  expect(error.headers.get('retry-after')).toBe(String(Math.ceil(waitMs / 1000)));
  expect(value.late).toHaveLength(3);
  const retried = ledger.calls.filter((call) => call.retries > 0);
  expect(retried.length).toBeGreaterThan(0);
});

test('lowering max_tokens raises what gets through', async () => {
  const answered = async (max_tokens: number) => {
    const { ledger } = await run(
      ({ openai }) =>
        Promise.allSettled(
          Array.from({ length: 30 }, (_, i) =>
            openai.chat.completions.create({ ...ask(`Q ${i}`), max_tokens }, { maxRetries: 0 }),
          ),
        ),
      { deployments: LIMITED },
    );
    return ledger.totals().answered;
  };
  expect(await answered(4000)).toBe(2);
  expect(await answered(300)).toBe(30);
});

test('OpenAI gives back what an estimate took too much; a request over the whole limit never fits', async () => {
  await run(
    async ({ openai }) => {
      const body = { ...ask('Hello'), max_tokens: 9000 };
      for (let i = 0; i < 5; i += 1) await openai.chat.completions.create(body, { maxRetries: 0 });
      const huge = openai.chat.completions.create({ ...body, max_tokens: 12_000 }, { maxRetries: 0 });
      await expect(huge).rejects.toThrow(/Request too large for gpt-4o-mini.*Limit 10000, Requested 12002/);
    },
    { deployments: LIMITED },
  );
});

test('Azure judges requests by slices and tokens by the minute, and never corrects an estimate', async () => {
  const deployments = {
    prod: { model: 'gpt-5.4-mini', vendor: 'azure', quota: { tokensPerMin: 10_000 } },
  } as const;
  const { value } = await run(
    async ({ azure }) => {
      const say = (max_completion_tokens: number) =>
        azure.chat.completions.create({ ...ask('Hello', 'prod'), max_completion_tokens }, { maxRetries: 0 });
      // 60 requests a minute are 10 in 10 seconds: the eleventh of a burst is refused.
      const burst = await Promise.allSettled(Array.from({ length: 11 }, () => say(100)));
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const big = say(9000).catch((error) => error);
      return { burst: burst.filter((each) => each.status === 'fulfilled').length, big: await big };
    },
    { deployments },
  );
  expect(value.burst).toBe(10);
  expect(value.big).toBeInstanceOf(RateLimitError);
  expect(value.big).toMatchObject({ code: '429', type: undefined });
  expect(value.big.message).toMatch(/Rate limit is exceeded\. Try again in \d+ seconds\./);
  expect(Number(value.big.headers.get('retry-after-ms'))).toBeGreaterThan(40_000);
});

test('a 429 can come without rate headers, and refused requests can use up quota', async () => {
  const quota = { requestsPerMin: 2, headersOn429: false, chargeRefused: true };
  const { value } = await run(
    async ({ openai }) => {
      const say = () =>
        openai.chat.completions.create(ask('Hello'), { maxRetries: 0 }).catch((error) => error);
      const all = await Promise.all([say(), say(), say()]);
      const laterMs = performance.now() + 20_000;
      while (performance.now() < laterMs) await say();
      return { last: all[2], after: await say() };
    },
    { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', quota } } },
  );
  expect([...value.last.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  expect(value.after).toBeInstanceOf(RateLimitError);
});

test('a loaded deployment slows down, then queues, then refuses with 503', async () => {
  const load = { capacity: 4, slowdown: 3, queue: 4 };
  const deployments = { 'gpt-4o-mini': { model: 'gpt-4o-mini', load } } as const;
  const { value, ledger, quote } = await run(
    ({ openai }) =>
      Promise.allSettled(
        Array.from({ length: 9 }, (_, i) =>
          openai.chat.completions.create(ask(`Question ${i}`), { maxRetries: 0 }),
        ),
      ),
    { deployments },
  );
  expect(value.map((each) => each.status === 'fulfilled')).toEqual([...Array(8).fill(true), false]);
  expect(ledger.calls[8]).toMatchObject({ status: 503 });
  expect(ledger.calls.slice(0, 4).every((call) => call.queuedMs === 0)).toBe(true);
  expect(ledger.calls.slice(4, 8).every((call) => call.queuedMs > 0)).toBe(true);
  const alone = quote('openai', ask('Question 0')).totalMs;
  const fourth = quote('openai', ask('Question 3')).totalMs;
  expect(ledger.calls[0]?.endMs).toBe(alone);
  expect((ledger.calls[3]?.endMs ?? 0) / fourth).toBeCloseTo(3, 1);
});

test('a call that gives up in the queue costs nothing and frees its place in line', async () => {
  const deployments = {
    'gpt-4o-mini': { model: 'gpt-4o-mini', load: { capacity: 1, queue: 2, slowdown: 1 } },
  } as const;
  const { ledger, settledMs, quote } = await run(
    async ({ openai }) => {
      const first = openai.chat.completions.create(ask('First'));
      const second = openai.chat.completions.create(ask('Second'), { signal: AbortSignal.timeout(50) });
      const third = openai.chat.completions.create(ask('Third'));
      await expect(second).rejects.toThrow(/aborted/);
      await Promise.all([first, third]);
    },
    { deployments },
  );
  expect(ledger.calls[1]).toMatchObject({ outcome: 'aborted', costMicroUsd: 0 });
  expect(settledMs).toBe(quote('openai', ask('First')).totalMs + quote('openai', ask('Third')).totalMs);
});

test('waits are told in the time of the client, in whole milliseconds', () => {
  const quota = { requestsPerMin: 6 };
  const simulator = createSimulator({
    plan: { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', quota } } },
    seed: 1,
    clock: { now: () => 0, sleep: async () => {} },
    speed: 20,
  });
  expect([simulator.clientMs(10_000), simulator.clientMs(5293.889)]).toEqual([500, 265]);
  const { quota: told } = simulator.stateOf(simulator.deployments[0] as Deployment);
  told.take(0, 1);
  // Full again after ten seconds of the simulation.
  expect(told.headers(0)['x-ratelimit-reset-requests']).toBe('500ms');
});
