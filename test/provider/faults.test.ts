import { expect, test } from 'vitest';
import { brownOut, faultTimeline, greyFailure, modelFor, rateLimitStorm } from '#lib/provider';
import { ask, type Options, run } from './support.ts';

/** Sends one request a second for so many seconds, without retries. */
async function everySecond(seconds: number, options: Options<void>) {
  const { ledger } = await run(async ({ openai }) => {
    const calls = Array.from({ length: seconds }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 1000));
      await openai.chat.completions.create(ask(`Question ${i}`), { maxRetries: 0 }).catch(() => {});
    });
    await Promise.all(calls);
  }, options);
  return ledger.calls;
}

test('a brown-out refuses its share and slows the rest, between its two moments only', async () => {
  const calls = await everySecond(120, { faults: brownOut({ fromMs: 30_000, toMs: 90_000, share: 0.5 }) });
  const inside = calls.filter((call) => call.startMs >= 30_000 && call.startMs < 90_000);
  const outside = calls.filter((call) => !inside.includes(call));
  const refused = inside.filter((call) => call.status === 503).length;
  const meanMs = (list: typeof calls) => {
    const good = list.filter((call) => call.outcome === 'answered');
    return good.reduce((sum, call) => sum + (call.endMs ?? 0) - call.startMs, 0) / good.length;
  };
  expect(outside.every((call) => call.outcome === 'answered')).toBe(true);
  expect(refused).toBeGreaterThan(15);
  expect(refused).toBeLessThan(45);
  expect(meanMs(inside) / meanMs(outside)).toBeGreaterThan(2);
});

test('a grey failure fails fast and succeeds late; a storm refuses all', async () => {
  const window = { fromMs: 0, toMs: 60_000 };
  const grey = await everySecond(60, { faults: greyFailure(window) });
  const failed = grey.filter((call) => call.status === 500);
  const good = grey.filter((call) => call.outcome === 'answered');
  const longestMs = Math.max(...failed.map((call) => (call.endMs ?? 0) - call.startMs));
  expect(Math.min(...good.map((call) => (call.endMs ?? 0) - call.startMs))).toBeGreaterThan(10 * longestMs);
  const storm = await everySecond(10, { faults: rateLimitStorm({ ...window, retryAfterMs: 700 }) });
  expect(storm.every((call) => call.status === 429)).toBe(true);
});

test('an exhausted account is a 429 that the SDK retries in vain', async () => {
  const { value, ledger } = await run(
    ({ openai }) => openai.chat.completions.create(ask('Hello')).catch((error) => error),
    { faults: [{ when: {}, effect: { error: 'insufficient_quota' } }] },
  );
  expect(value).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' });
  expect(ledger.calls.map((call) => call.retries)).toEqual([0, 1, 2]);
});

test('a silent end looks like a normal one to the SDK, but for its finish reason', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
      let finish: string | null = null;
      for await (const chunk of stream) finish = chunk.choices[0]?.finish_reason ?? finish;
      return finish;
    },
    { faults: [{ when: {}, effect: { endAfterTokens: 8 } }] },
  );
  expect(value).toBeNull();
  expect(ledger.calls[0]?.outcome).toBe('broken');
});

test('a broken event makes the SDK throw', async () => {
  await run(
    async ({ openai }) => {
      const read = async () => {
        const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
        for await (const _ of stream);
      };
      await expect(read()).rejects.toThrow(SyntaxError);
    },
    { faults: [{ when: {}, effect: { malformedAfterTokens: 4 } }] },
  );
});

test('a request time-out of the provider is a 408 that is retried', async () => {
  const { ledger } = await run(({ openai }) => openai.chat.completions.create(ask('Hello')), {
    faults: [{ when: { ordinal: 1 }, effect: { error: 'timeout', afterMs: 5000 } }],
  });
  expect(ledger.calls.map((call) => call.status)).toEqual([408, 200]);
  expect(ledger.calls[0]?.endMs).toBe(5000);
});

test('faults drawn by share are the same for the same seed', async () => {
  const faults = [{ when: { share: 0.3 }, effect: { error: 'server_error' } }] as const;
  const statuses = async (seed: number) =>
    (await everySecond(40, { faults, seed })).map((call) => call.status).join();
  const once = await statuses(3);
  expect(await statuses(3)).toBe(once);
  expect(await statuses(4)).not.toBe(once);
});

test('a plan prints as a timeline', () => {
  const plan = [
    ...brownOut({ fromMs: 30_000, toMs: 60_000, share: 0.7, deployment: 'prod' }),
    { when: { ordinal: [3, 9] }, effect: { stallAfterTokens: 12 } },
    { when: { promptIncludes: 'modem', fromMs: 90_000 }, effect: { cutAfterTokens: 15 } },
    ...rateLimitStorm({ fromMs: 100_000, toMs: 120_000 }),
  ];
  expect(`\n${faultTimeline(plan)}\n`).toMatchInlineSnapshot(`
    "
    [          ##########                    ]  from 30 s to 60 s 70 % of the requests on prod: overloaded
    [          ##########                    ]  from 30 s to 60 s on prod: 3 times slower
    [########################################]  request 3, 9: silent after 12 tokens, dropped 300 s later
    [                              ##########]  from 90 s prompts with "modem": dropped after 15 tokens
    [                                 #######]  from 100 s to 120 s: rate_limit, retry after 1 s
    "
  `);
  expect(faultTimeline([])).toBe('No faults.');
});

test('flex can be refused for want of room, unbilled, while standard terms are served', async () => {
  const model = modelFor('small');
  const { value, ledger } = await run(
    async ({ openai }) => {
      const send = (service_tier: 'flex' | 'default') =>
        openai.chat.completions.create({ ...ask('Hi', model), service_tier }, { maxRetries: 0 }).then(
          () => 200,
          ({ status, code }) => `${status} ${code}`,
        );
      return [await send('flex'), await send('default')];
    },
    {
      deployments: { small: {} },
      faults: [{ when: { flex: true }, effect: { error: 'resource_unavailable' } }],
    },
  );
  expect(value).toEqual(['429 resource_unavailable', 200]);
  expect(ledger.calls[0]?.costMicroUsd).toBe(0);
});
