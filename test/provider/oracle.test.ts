import { expect, test } from 'vitest';
import { createOracle } from '#lib/provider';
import { ask, run } from './support.ts';

const MODELS = ['gpt-4.1-nano', 'gpt-4o-mini', 'gpt-4o', 'gpt-4.1'] as const;
const deployments = Object.fromEntries(MODELS.map((model) => [model, { model }]));

const TASKS = [0.1, 0.5, 0.8].flatMap((difficulty) =>
  Array.from({ length: 100 }, (_, i) => ({
    id: `T${difficulty * 10}-${i}`,
    answer: `it is ${i}`,
    difficulty,
    facts: [`the number is ${i}.`],
  })),
);

test('quality by model and difficulty: stronger models lose less, and never what a weaker one solves', () => {
  const oracle = createOracle(TASKS);
  const share = (model: string, difficulty: number, seed: number) => {
    const tasks = TASKS.filter((task) => task.difficulty === difficulty);
    return tasks.filter((task) => oracle.solves(model, task.id, seed)).length / tasks.length;
  };
  const seeds = [1, 2, 3, 4, 5];
  const table = Object.fromEntries(
    MODELS.map((model) => [
      model,
      [0.1, 0.5, 0.8].map((difficulty) => {
        const mean = seeds.reduce((sum, seed) => sum + share(model, difficulty, seed), 0) / seeds.length;
        return Number(mean.toFixed(2));
      }),
    ]),
  );
  expect(table).toMatchInlineSnapshot(`
    {
      "gpt-4.1": [
        1,
        0.98,
        0.52,
      ],
      "gpt-4.1-nano": [
        0.99,
        0.3,
        0.01,
      ],
      "gpt-4o": [
        1,
        0.96,
        0.34,
      ],
      "gpt-4o-mini": [
        1,
        0.64,
        0.05,
      ],
    }
  `);
  for (const task of TASKS)
    for (let i = 1; i < MODELS.length; i += 1)
      if (oracle.solves(MODELS[i - 1] as string, task.id, 1))
        expect(oracle.solves(MODELS[i] as string, task.id, 1)).toBe(true);
});

test('an answer is right only while the prompt still says the fact, however it is laid out', async () => {
  const oracle = createOracle([
    { id: 'T1', answer: '18 degrees', difficulty: 0, facts: ['it is 18 degrees in Oslo'] },
  ]);
  const { value } = await run(
    async ({ openai }) => {
      const right = async (prompt: string) => {
        const done = await openai.chat.completions.create(ask(prompt, 'gpt-4.1'));
        return oracle.isRight('T1', done.choices[0]?.message.content ?? '');
      };
      return [
        await right('T1: how warm is it? Note: it is 18 degrees in Oslo.'),
        await right('Note:  It is 18\n degrees in Oslo. T1?'),
        await right('T1: how warm is it?'),
        await right('T1: how warm is it? It is 18 degrees.'),
        await right('T12: it is 18 degrees in Oslo'),
      ];
    },
    { deployments, answer: oracle.answer },
  );
  expect(value.slice(0, 4)).toEqual([true, true, false, false]);
});

test('several tasks in one request are answered under their ids, some lost, as JSON where a schema asks', async () => {
  const oracle = createOracle(TASKS);
  const ids = TASKS.slice(0, 20).map((task) => task.id);
  const prompt = TASKS.slice(0, 20)
    .map((task) => `${task.id}: ${task.facts[0]}`)
    .join('\n');
  const schema = {
    type: 'object',
    properties: { results: { type: 'array', items: { type: 'object' } } },
  };
  const { value } = await run(
    async ({ openai }) => {
      const text = async (more: object) => {
        const body = { ...ask(prompt, 'gpt-4.1'), ...more };
        return (await openai.chat.completions.create(body)).choices[0]?.message.content ?? '';
      };
      const json_schema = { name: 'answers', schema };
      return [await text({}), await text({ response_format: { type: 'json_schema', json_schema } })];
    },
    { deployments, answer: oracle.answer },
  );
  const lines = (value[0] ?? '').split('\n');
  const { results } = JSON.parse(value[1] ?? '') as { results: { id: string; answer: string }[] };
  expect(lines.length).toBeLessThan(20);
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.every((line) => ids.includes(line.split(':')[0] ?? ''))).toBe(true);
  expect(oracle.quality(results.map(({ id, answer }) => [id, answer] as const))).toBeGreaterThan(0.9);
});

test('a request without a known task gets a plain answer, an unknown id an error', async () => {
  const oracle = createOracle(TASKS);
  const { value } = await run(({ openai }) => openai.chat.completions.create(ask('Hello', 'gpt-4.1')), {
    deployments,
    answer: oracle.answer,
  });
  expect(value.choices[0]?.message.content).toMatch(/\w+/);
  expect(() => oracle.isRight('T9', 'x')).toThrow('The oracle has no task "T9"');
});
