import { expect, test } from 'vitest';
import { randomFor } from '#lib/provider';
import { costMicroUsd, PRICED, priceOf } from '../../lib/provider/money.ts';
import { ask, run } from './support.ts';

test('prices are whole pico-dollars per token, and an unknown model has none', () => {
  for (const model of PRICED) {
    const { input, output, cachedInput = 0, cacheWrite = 0 } = priceOf(model);
    for (const usd of [input, output, cachedInput, cacheWrite])
      expect([model, Number.isInteger(Math.round(usd * 1e9) / 1e3)]).toEqual([model, true]);
  }
  expect(() => priceOf('gpt-9')).toThrow('No price for the model "gpt-9"');
});

test.for([
  // Computed by hand from the published prices: tokens x USD per million = micro-dollars.
  ['gpt-4o-mini', { input: 1000, cached: 0, output: 500 }, 'standard', 150 + 300],
  ['gpt-4o', { input: 2000, cached: 1024, output: 100 }, 'standard', 976 * 2.5 + 1024 * 1.25 + 1000],
  ['gpt-4o', { input: 2000, cached: 0, output: 100 }, 'batch', 2500 + 500],
  ['gpt-5', { input: 100, cached: 0, output: 2000, reasoning: 1984 }, 'flex', 62.5 + 10_000],
  ['gpt-5.4', { input: 300_000, cached: 0, output: 1000 }, 'standard', 300_000 * 5 + 1000 * 22.5],
  [
    'gpt-5.6-terra',
    { input: 3000, cached: 1000, cacheWrite: 1500, output: 0 },
    'standard',
    500 * 2 + 200 + 1500 * 2.5,
  ],
] as const)('%s is billed to the micro-dollar', ([model, tokens, tier, microUsd]) => {
  expect(costMicroUsd(tokens, priceOf(model), tier)).toBe(Math.round(microUsd));
});

test('the dollars of 1,000 mixed calls equal an independent recomputation, exactly', {
  timeout: 60_000,
}, async () => {
  const models = ['gpt-4o-mini', 'gpt-4o', 'gpt-5-mini', 'gpt-4.1', 'text-embedding-3-small'] as const;
  const rules = Array.from({ length: 120 }, (_, i) => `Rule ${i}: be brief and name the source.`).join('\n');
  const { ledger } = await run(
    async ({ openai }) => {
      const random = randomFor('mixed');
      const once = openai.withOptions({ maxRetries: 0 });
      const one = async (i: number) => {
        await new Promise((resolve) => setTimeout(resolve, i * 40));
        const model = random.pick(models);
        if (model === 'text-embedding-3-small')
          return once.embeddings.create({ model, input: [`text ${i}`, rules] });
        const system = random.next() < 0.4 ? [{ role: 'system' as const, content: rules }] : [];
        const messages = [...system, ...ask(`Question ${i}`).messages];
        const tier = model === 'gpt-5-mini' && random.next() < 0.5 ? { service_tier: 'flex' as const } : {};
        const n = random.next() < 0.1 ? 2 : 1;
        const signal = random.next() < 0.1 ? AbortSignal.timeout(900) : undefined;
        const body = { model, messages, n, ...tier };
        if (random.next() < 0.5) return once.chat.completions.create(body, { signal });
        for await (const _ of await once.chat.completions.create({ ...body, stream: true }, { signal }));
      };
      await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => one(i)));
    },
    {
      deployments: Object.fromEntries(models.map((model) => [model, { model }])),
      faults: [
        { when: { share: 0.05 }, effect: { error: 'server_error' } },
        { when: { share: 0.05 }, effect: { cutAfterTokens: 20 } },
      ],
    },
  );
  // With whole nano-dollars per token and big integers: another road to the same figures.
  const nano: Record<string, [bigint, bigint, bigint]> = {
    'gpt-4o-mini': [150n, 75n, 600n],
    'gpt-4o': [2500n, 1250n, 10_000n],
    'gpt-5-mini': [250n, 25n, 2000n],
    'gpt-4.1': [2000n, 500n, 8000n],
    'text-embedding-3-small': [20n, 20n, 0n],
  };
  let total = 0n;
  for (const call of ledger.calls) {
    const [input, cached, output] = nano[call.model] as [bigint, bigint, bigint];
    const { tokens } = call;
    const half =
      2n *
      (BigInt(tokens.input - tokens.cached) * input +
        BigInt(tokens.cached) * cached +
        BigInt(tokens.output) * output);
    const picos = (half * 1000n) / (call.tier === 'standard' ? 2n : 4n);
    expect(BigInt(call.costPicoUsd)).toBe(picos);
    total += (picos + 500_000n) / 1_000_000n;
  }
  expect(ledger.calls).toHaveLength(1000);
  expect(BigInt(ledger.totals().costMicroUsd)).toBe(total);
  const outcomes = new Set(ledger.calls.map((call) => call.outcome));
  expect([...outcomes].sort()).toEqual(['aborted', 'answered', 'broken', 'refused']);
  expect(ledger.totals().cachedTokens).toBeGreaterThan(10_000);
});

test('what a tier costs is what the catalogue says of the model, and half where it says nothing', () => {
  const price = { input: 2, output: 10, source: 'test' };
  const tokens = { input: 100, cached: 0, output: 10 };
  expect(costMicroUsd(tokens, price, 'flex')).toBe(150);
  expect(costMicroUsd(tokens, { ...price, tiers: { flex: 0.6 } }, 'flex')).toBe(180);
});
