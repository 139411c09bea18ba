import { expect, test } from 'vitest';
import { ask, run } from './support.ts';

const DEPLOYMENTS = {
  'gpt-4o-mini': { model: 'gpt-4o-mini', stragglers: { share: 0.2, factor: 4 } },
} as const;
const FAULTS = [{ when: { share: 0.4 }, effect: { error: 'server_error' } }] as const;

/** What is added around a play that must not move it. */
interface Noise {
  draws?: true;
  requests?: true;
  hops?: true;
}

/** Forty calls in four lanes, with retries of the SDK; when each ended, how and with what. */
async function figures({ draws, requests, hops }: Noise) {
  const { value } = await run(
    async ({ openai, clock }) => {
      const door = globalThis.fetch;
      const noisy: typeof fetch = async (input, init) => {
        if (draws) Math.random();
        if (hops) for (let i = 0; i < 7; i += 1) await undefined;
        const answered = await door(input, init);
        if (draws) Math.random();
        return answered;
      };
      const client = openai.withOptions({ fetch: noisy, maxRetries: 4 });
      if (requests)
        await Promise.allSettled(
          [1, 2, 3].map((i) => openai.chat.completions.create(ask(`Extra ${i}`), { maxRetries: 0 })),
        );
      const startMs = clock.now();
      const one = async (i: number) => {
        await clock.sleep((i % 4) * 50);
        const outcome = await client.chat.completions.create(ask(`Question ${i}`)).then(
          ({ choices, usage }) => [choices[0]?.message.content, usage?.total_tokens],
          (error) => [error.status],
        );
        if (draws) Math.random();
        return [clock.now() - startMs, ...outcome];
      };
      return Promise.all(Array.from({ length: 40 }, (_, i) => one(i)));
    },
    { deployments: DEPLOYMENTS, faults: FAULTS },
  );
  return value;
}

test.for([
  ['draws from Math.random', { draws: true }],
  ['requests', { requests: true }],
  ['turns of the microtask queue', { hops: true }],
  ['all of them', { draws: true, requests: true, hops: true }],
] as const)('more %s around a play move no figure of it', async ([, noise]) => {
  const plain = await figures({});
  expect(plain).toHaveLength(40);
  expect(await figures(noise)).toEqual(plain);
});

test('the SDK tries again after waits that hang on the request and the retry alone', async () => {
  const { ledger } = await run(
    ({ openai }) => openai.chat.completions.create(ask('Hello'), { maxRetries: 2 }).catch(() => undefined),
    { faults: [{ when: {}, effect: { error: 'overloaded' } }] },
  );
  const [first, second, third] = ledger.calls.map(({ startMs }) => startMs);
  const waits = [(second ?? 0) - (first ?? 0) - 20, (third ?? 0) - (second ?? 0) - 20];
  // Half a second and one, each less up to a quarter.
  expect(waits[0]).toBeGreaterThanOrEqual(375);
  expect(waits[0]).toBeLessThanOrEqual(500);
  expect(waits[1]).toBeGreaterThanOrEqual(750);
  expect(waits[1]).toBeLessThanOrEqual(1000);
});
