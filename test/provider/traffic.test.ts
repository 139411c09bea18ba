import { expect, test } from 'vitest';
import { createVirtualClock } from '#lib/clock';
import {
  burstyArrivals,
  createProvider,
  defineProvider,
  diurnalArrivals,
  filler,
  openLoop,
  poissonArrivals,
  promptFor,
  randomFor,
  readAzureTrace,
  readMooncakeTrace,
  sessions,
  zipf,
} from '#lib/provider';
import { countTokens } from '../../lib/provider/tokens.ts';
import { ask, run } from './support.ts';

const HOUR_MS = 3_600_000;

function gapsOf(times: number[]): { mean: number; spread: number } {
  const gaps = times.map((ms, i) => ms - (times[i - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return { mean, spread: Math.sqrt(variance) / mean };
}

test('Poisson arrivals have their rate and a spread of one; bursts more, even traffic less', () => {
  const plan = { ratePerSec: 5, durationMs: HOUR_MS };
  const poisson = gapsOf([...poissonArrivals(randomFor(1), plan)]);
  const bursty = gapsOf([...burstyArrivals(randomFor(2), { ...plan, burstiness: 0.25 })]);
  const even = gapsOf([...burstyArrivals(randomFor(3), { ...plan, burstiness: 16 })]);
  for (const { mean } of [poisson, bursty, even]) expect(mean / 200).toBeCloseTo(1, 1);
  expect(poisson.spread).toBeCloseTo(1, 1);
  expect(bursty.spread).toBeCloseTo(2, 0);
  expect(even.spread).toBeCloseTo(0.25, 1);
});

test('a day has its peak and its night, and the same seed gives the same day', () => {
  const day = () => [
    ...diurnalArrivals(randomFor(1), { ratePerSec: 0.5, durationMs: 24 * HOUR_MS, swing: 0.8 }),
  ];
  const times = day();
  const between = (from: number, to: number) =>
    times.filter((ms) => ms >= from * HOUR_MS && ms < to * HOUR_MS).length;
  expect(between(11, 13) / between(0, 2)).toBeGreaterThan(5);
  expect(times.length / (0.5 * 86_400)).toBeCloseTo(1, 1);
  expect(day()).toEqual(times);
});

test('popular items come more often, by the exponent', () => {
  const draw = zipf(randomFor(1), { items: 1000, exponent: 1 });
  const counts = new Array(1000).fill(0);
  for (let i = 0; i < 100_000; i += 1) counts[draw()] += 1;
  expect(counts[0] / counts[9]).toBeGreaterThan(8);
  expect(counts[0] / counts[9]).toBeLessThan(12);
  const flat = zipf(randomFor(1), { items: 3, exponent: 0 });
  expect(new Set(Array.from({ length: 100 }, flat))).toEqual(new Set([0, 1, 2]));
});

test('sessions share beginnings and come in the order of time', () => {
  const starts = poissonArrivals(randomFor(1), { ratePerSec: 1, durationMs: HOUR_MS });
  const turns = sessions(randomFor(2), { starts, meanTurns: 4, meanThinkMs: 30_000, prefixes: 10 });
  const count = new Set(turns.map((turn) => turn.session)).size;
  expect(turns.length / count).toBeCloseTo(4, 0);
  expect(turns.every((turn, i) => turn.atMs >= (turns[i - 1]?.atMs ?? 0))).toBe(true);
  expect(new Set(turns.map((turn) => turn.prefix)).size).toBe(10);
});

test('wrong values are refused with what was expected', () => {
  const next = (values: object) => burstyArrivals(randomFor(1), values as never).next();
  expect(() => next({ ratePerSec: 0, durationMs: 1, burstiness: 1 })).toThrow(
    'ratePerSec must be a number above 0',
  );
  expect(() => zipf(randomFor(1), { items: 0, exponent: 1 })).toThrow('items must be a whole number from 1');
  const plan = (more: object) =>
    defineProvider({ deployments: { 'gpt-4o': { model: 'gpt-4o', ...more } } } as never);
  expect(() => plan({ model: 'gpt-9' })).toThrow(/model must be one of gpt-3.5-turbo, .*; received gpt-9/);
  expect(() => plan({ quota: { tokensPerMin: 0 } })).toThrow('quota.tokensPerMin must be a number from 1');
  expect(() => plan({ load: { capacity: 0 } })).toThrow('load.capacity must be a number from 1');
  const faulty = (when: object) =>
    createProvider({
      plan: plan({}),
      seed: 1,
      clock: createVirtualClock(),
      faults: [{ when, effect: { error: 'overloaded' } }],
    });
  expect(() => faulty({ share: 30 })).toThrow(
    'Fault 1 of the plan: share must be a number from 0 to 1; received 30',
  );
  expect(() => faulty({ fromMs: 5, toMs: 5 })).toThrow('toMs must be later than fromMs');
  expect(() => faulty({ deployment: 'prod' })).toThrow('deployment must be one of gpt-4o; received prod');
});

test('an open loop sends on time, however slow the answers are, and hides no wait', async () => {
  const deployments = {
    'gpt-4o-mini': { model: 'gpt-4o-mini', load: { capacity: 1, slowdown: 1 } },
  } as const;
  const { value } = await run(
    async ({ openai, clock }) => {
      const waits: number[] = [];
      await openLoop(
        clock,
        [0, 100, 200, 300],
        (i) => openai.chat.completions.create(ask(`Question ${i}`)),
        ({ intendedMs, startMs, endMs }) => {
          expect(startMs).toBe(intendedMs);
          waits.push(endMs - intendedMs);
        },
      );
      return waits;
    },
    { deployments },
  );
  expect(value).toHaveLength(4);
  expect(value[3]).toBeGreaterThan(2 * (value[0] ?? 0));
});

const AZURE = [
  'TIMESTAMP,ContextTokens,GeneratedTokens',
  '2023-11-16 18:15:46.6805900,374,44',
  '2023-11-16 18:15:50.9951690,396,109',
  '2023-11-16 18:16:00,7,1',
].join('\r\n');

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of source) list.push(item);
  return list;
}

test('the Azure trace is read from pieces of any size', async () => {
  const bytes = new TextEncoder().encode(AZURE);
  const pieces = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
  const rows = await all(readAzureTrace(pieces));
  expect(rows).toEqual(await all(readAzureTrace([AZURE])));
  expect(rows.map((row) => [row.atMs, row.inputTokens, row.outputTokens])).toEqual([
    [0, 374, 44],
    [4314.579, 396, 109],
    [13_319.41, 7, 1],
  ]);
  const later = 'TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,2162,5';
  expect(await all(readAzureTrace([later]))).toHaveLength(1);
});

test('the Mooncake trace keeps its blocks, and equal blocks become equal text', async () => {
  const rows = await all(
    readMooncakeTrace([
      '{"timestamp": 27, "input_length": 1100, "output_length": 5, "hash_ids": [0, 1, 2]}\n',
      '{"timestamp": 1027, "input_length": 1024, "output_length": 9, "hash_ids": [0, 1]}\n',
    ]),
  );
  expect(rows[1]).toEqual({ atMs: 1000, inputTokens: 1024, outputTokens: 9, blocks: [0, 1] });
  const [first = '', second = ''] = rows.map(promptFor);
  expect(first.startsWith(second)).toBe(true);
  for (const encoding of ['o200k_base', 'cl100k_base'] as const)
    expect([countTokens(first, encoding), countTokens(second, encoding)]).toEqual([1100, 1024]);
  expect(countTokens(filler(37, 'x'))).toBe(37);
});

test('a bad line is reported by its number, or left out where the caller wants that', async () => {
  const bad = `${AZURE}\nnot,a,row`;
  await expect(all(readAzureTrace([bad]))).rejects.toThrow(
    /Trace, line 5: expected a time and two whole numbers.*received "not,a,row"/,
  );
  await expect(all(readAzureTrace(['a,b\n']))).rejects.toThrow(/line 1: expected the heading/);
  const lines: number[] = [];
  const rows = await all(readAzureTrace([bad], { onBadLine: ({ line }) => lines.push(line) }));
  expect([rows.length, lines]).toEqual([3, [5]]);
  await expect(all(readMooncakeTrace(['{"timestamp":1}\n']))).rejects.toThrow(
    /line 1: expected an object with/,
  );
});
