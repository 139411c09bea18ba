import { expect, test } from 'vitest';
import { modelFor } from '#lib/provider';
import { ask, run } from './support.ts';

const asked = { ...ask('Hello'), logprobs: true, top_logprobs: 3 };

test('each token of an answer has its log probability and the likeliest others, in one piece and as a stream', async () => {
  const { value } = await run(async ({ openai }) => {
    const { choices, usage } = await openai.chat.completions.create({ ...asked, seed: 1 });
    const streamed = [];
    for await (const {
      choices: [choice],
    } of await openai.chat.completions.create({ ...asked, seed: 1, stream: true }))
      streamed.push(...(choice?.logprobs?.content ?? []));
    return { whole: choices[0], usage, streamed };
  });
  const content = value.whole?.logprobs?.content ?? [];
  expect(content).toHaveLength(value.usage?.completion_tokens ?? 0);
  expect(content.map(({ token }) => token).join('')).toBe(value.whole?.message.content);
  for (const { token, logprob, bytes, top_logprobs: top } of content) {
    expect(Buffer.from(bytes ?? []).toString()).toBe(token);
    expect([top.length, top[0]?.token]).toEqual([3, token]);
    expect(top.map((each) => each.logprob)).toEqual(top.map((each) => each.logprob).sort((a, b) => b - a));
    expect(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0)).toBeLessThanOrEqual(1.000001);
    expect(logprob).toBeLessThanOrEqual(0);
  }
  expect(value.streamed).toEqual(content);
});

test('a character of several tokens is shown by its bytes', async () => {
  const { value } = await run(({ openai }) => openai.chat.completions.create({ ...asked, top_logprobs: 0 }), {
    answer: () => 'Hi 🫠',
  });
  const content = value.choices[0]?.logprobs?.content ?? [];
  expect(Buffer.from(content.flatMap(({ bytes }) => bytes ?? [])).toString()).toBe('Hi 🫠');
  expect(content.at(-1)?.token).toMatch(/^bytes:(\\x[0-9a-f]{2})+$/);
  expect(content).toHaveLength(value.usage?.completion_tokens ?? 0);
  expect(content.every(({ top_logprobs: top }) => top.length === 0)).toBe(true);
});

test('responses give them with the text where the request includes them, and as they come', async () => {
  const { value } = await run(async ({ openai, model }) => {
    const body = {
      model,
      input: 'Hello',
      include: ['message.output_text.logprobs' as const],
      top_logprobs: 2,
    };
    const whole = await openai.responses.create(body);
    let streamed = 0;
    for await (const event of await openai.responses.create({ ...body, stream: true }))
      if (event.type === 'response.output_text.delta') streamed += event.logprobs.length;
    const [message] = whole.output;
    return {
      part: message?.type === 'message' ? message.content[0] : undefined,
      streamed,
      usage: whole.usage,
    };
  });
  const logprobs = value.part?.type === 'output_text' ? value.part.logprobs : [];
  expect(logprobs).toHaveLength(value.usage?.output_tokens ?? 0);
  expect(logprobs?.[0]?.top_logprobs).toHaveLength(2);
  expect(value.streamed).toBeGreaterThan(10);
});

test('a model that thinks gives none, and top_logprobs needs logprobs', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const refusal = (body: object) =>
        openai.chat.completions
          .create({ ...ask('Hello'), ...body })
          .catch((error) => [error.param, error.code]);
      return [
        await refusal({ top_logprobs: 2 }),
        await refusal({ logprobs: true, top_logprobs: 21 }),
        await refusal({ model: modelFor('thinker'), reasoning_effort: 'low', logprobs: true }),
      ];
    },
    { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini' }, thinker: { role: 'thinker' } } },
  );
  expect(value).toEqual([
    ['top_logprobs', null],
    ['top_logprobs', 'integer_above_max_value'],
    expect.arrayContaining(['unsupported_parameter']),
  ]);
});
