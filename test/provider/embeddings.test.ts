import { BadRequestError } from 'openai';
import type { EmbeddingCreateParams } from 'openai/resources/embeddings';
import { expect, test } from 'vitest';
import { vectorFor } from '../../lib/provider/embeddings/embeddings.ts';
import { cosine } from '../../lib/provider/embeddings/vector.ts';
import { findModel, type Model } from '../../lib/provider/models.ts';
import { LOOK_ALIKES, PARAPHRASES } from './meaning-pairs.ts';
import { run } from './support.ts';

const DEPLOYMENTS = {
  'text-embedding-3-small': { model: 'text-embedding-3-small' },
  'text-embedding-ada-002': { model: 'text-embedding-ada-002' },
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
} as const;
const model = 'text-embedding-3-small';

test('vectors come in the order of the texts, of length one, the same each time and in both formats', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const input = ['first text', 'second text', 'first text'];
      const decoded = await openai.embeddings.create({ model, input });
      const floats = await openai.embeddings.create({ model, input, encoding_format: 'float' });
      return { decoded, floats };
    },
    { deployments: DEPLOYMENTS },
  );
  const [first, second, third] = value.decoded.data;
  expect(value.decoded.data.map((each) => each.index)).toEqual([0, 1, 2]);
  expect(first?.embedding).toHaveLength(1536);
  expect(cosine(first?.embedding ?? [], first?.embedding ?? [])).toBeCloseTo(1, 6);
  expect(third?.embedding).toEqual(first?.embedding);
  expect(second?.embedding).not.toEqual(first?.embedding);
  expect(value.floats.data).toEqual(value.decoded.data);
  expect(value.decoded.usage).toEqual({ prompt_tokens: 6, total_tokens: 6 });
  expect(ledger.calls[0]).toMatchObject({ surface: 'embeddings', inputs: 3, costPicoUsd: 6 * 20_000 });
});

test('dimensions shorten a vector to its first numbers, brought back to length one', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const whole = await openai.embeddings.create({ model, input: 'a text' });
      const short = await openai.embeddings.create({ model, input: 'a text', dimensions: 256 });
      return [whole, short].map((each) => each.data[0]?.embedding ?? []);
    },
    { deployments: DEPLOYMENTS },
  );
  const [whole = [], short = []] = value;
  const head = whole.slice(0, 256);
  const length = Math.sqrt(cosine(head, head));
  expect(short).toHaveLength(256);
  expect(cosine(short, short)).toBeCloseTo(1, 6);
  expect(short[10]).toBeCloseTo((head[10] ?? 0) / length, 6);
});

test('token arrays mean the same as their text', async () => {
  const { value } = await run(
    async ({ openai }) => {
      // cl100k tokens of "hello world".
      const tokens = await openai.embeddings.create({ model, input: [15339, 1917] });
      const text = await openai.embeddings.create({ model, input: 'hello world' });
      return [tokens.data[0]?.embedding, text.data[0]?.embedding];
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value[0]).toEqual(value[1]);
});

test('limits are those of the vendor', async () => {
  await run(
    async ({ openai }) => {
      const send = (more: object) =>
        openai.embeddings.create({ model, input: 'x', ...more } as EmbeddingCreateParams);
      await expect(send({ input: Array(2049).fill('x') })).rejects.toThrow(/maximum length 2048/);
      await expect(send({ input: ['x', ''] })).rejects.toThrow(/'input\[1\]': empty string/);
      await expect(send({ input: [] })).rejects.toThrow(BadRequestError);
      await expect(send({ input: 'word '.repeat(9000) })).rejects.toThrow(
        /8192 tokens, however you requested/,
      );
      await expect(send({ dimensions: 2000 })).rejects.toThrow(/less than or equal to 1536/);
      await expect(send({ model: 'text-embedding-ada-002', dimensions: 256 })).rejects.toThrow(
        /specifying dim/,
      );
      await expect(send({ model: 'gpt-4o-mini' })).rejects.toThrow(/not supported on the route/);
      const many = Array(50).fill('word '.repeat(7000));
      await expect(send({ input: many })).rejects.toThrow(/max 300000 tokens per request/);
    },
    { deployments: DEPLOYMENTS },
  );
});

/** Cosines of the same pairs for one model, and how well they tell paraphrases from the rest. */
function measure(
  name: 'text-embedding-3-small' | 'text-embedding-3-large' | 'text-embedding-ada-002',
  dims?: number,
) {
  const found = findModel(name) as Model;
  const likeness = ([a, b]: [string, string]) => cosine(vectorFor(a, found, dims), vectorFor(b, found, dims));
  const same = PARAPHRASES.map(likeness);
  const alike = LOOK_ALIKES.map(likeness);
  const unrelated = PARAPHRASES.map(([a], i) =>
    likeness([a, PARAPHRASES[(i + 7) % PARAPHRASES.length]?.[1] ?? '']),
  );
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    means: [mean(same), mean(alike), mean(unrelated)].map((value) => Number(value.toFixed(2))),
    unrelatedAuc: Number(areaUnderCurve(same, unrelated).toFixed(2)),
    lookAlikeAuc: Number(areaUnderCurve(same, alike).toFixed(2)),
  };
}

/** Chance that a pair of the first kind scores above one of the second. */
function areaUnderCurve(above: number[], below: number[]): number {
  const wins = above.flatMap((a) => below.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
}

test('quality on pairs not used to build it: paraphrases are near, look-alikes fool a careless threshold', () => {
  expect({
    small: measure('text-embedding-3-small'),
    'small at 256': measure('text-embedding-3-small', 256),
    large: measure('text-embedding-3-large'),
    'ada-002': measure('text-embedding-ada-002'),
  }).toMatchInlineSnapshot(`
    {
      "ada-002": {
        "lookAlikeAuc": 0.55,
        "means": [
          0.89,
          0.88,
          0.68,
        ],
        "unrelatedAuc": 1,
      },
      "large": {
        "lookAlikeAuc": 0.55,
        "means": [
          0.68,
          0.66,
          0.07,
        ],
        "unrelatedAuc": 1,
      },
      "small": {
        "lookAlikeAuc": 0.55,
        "means": [
          0.7,
          0.67,
          0.11,
        ],
        "unrelatedAuc": 1,
      },
      "small at 256": {
        "lookAlikeAuc": 0.5,
        "means": [
          0.68,
          0.69,
          0.1,
        ],
        "unrelatedAuc": 0.99,
      },
    }
  `);
});
