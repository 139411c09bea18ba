import { type APIError, BadRequestError } from 'openai';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import { countToolTokens } from '../../lib/provider/chat/tools.ts';
import { countChatTokens } from '../../lib/provider/chat-tokens.ts';
import { countTokens } from '../../lib/provider/tokens.ts';
import { ask, PLAIN, run } from './support.ts';

const WEATHER: ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_current_weather',
    description: 'Get the current weather in a given location',
    parameters: {
      type: 'object',
      properties: {
        location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
        unit: {
          type: 'string',
          description: 'The unit of temperature to return',
          enum: ['celsius', 'fahrenheit'],
        },
      },
      required: ['location'],
    },
  },
};

const REASONING = { 'gpt-5-mini': { model: 'gpt-5-mini' } } as const;

test('tool definitions are counted as the OpenAI cookbook publishes', () => {
  const messages = [
    {
      role: 'system' as const,
      content: 'You are a helpful assistant that can answer to questions about the weather.',
    },
    { role: 'user' as const, content: "What's the weather like in San Francisco?" },
  ];
  const count = (encoding: 'o200k_base' | 'cl100k_base') =>
    countChatTokens(messages, encoding) + countToolTokens({ tools: [WEATHER] }, encoding);
  expect(count('o200k_base')).toBe(101);
  expect(count('cl100k_base')).toBe(105);
});

test('n answers come back, differ, run side by side and are all billed', async () => {
  const { value, ledger } = await run(({ openai }) =>
    openai.chat.completions.create({ ...ask('Suggest a name'), n: 3 }),
  );
  const texts = value.choices.map((choice) => choice.message.content ?? '');
  expect(value.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
  expect(new Set(texts).size).toBe(3);
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  expect(value.usage?.completion_tokens).toBe(tokens);
  expect(ledger.totals().outputTokens).toBe(tokens);
});

test('a stream of n answers interleaves them, each complete under its index', async () => {
  const { value } = await run(async ({ openai }) => {
    const body = { ...ask('Suggest a name'), n: 2, seed: 4 };
    const whole = await openai.chat.completions.create(body);
    const texts = ['', ''];
    const order: number[] = [];
    for await (const chunk of await openai.chat.completions.create({ ...body, stream: true })) {
      for (const { index, delta } of chunk.choices) {
        texts[index] += delta.content ?? '';
        order.push(index);
      }
    }
    return { whole: whole.choices.map((choice) => choice.message.content), texts, order };
  });
  expect(value.texts).toEqual(value.whole);
  expect(value.order.join('')).toMatch(/01+0/);
});

test('an answer ends before the first stop word, and only what was made is billed', async () => {
  const { value, ledger } = await run(
    ({ openai }) => openai.chat.completions.create({ ...ask('Count'), stop: ['four', 'three'] }),
    { answer: () => 'one two three four five' },
  );
  expect(value.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'one two ' } });
  expect(ledger.totals().outputTokens).toBe(countTokens('one two '));
});

test('max_tokens cuts the answer and says so', async () => {
  const { value } = await run(({ openai }) =>
    openai.chat.completions.create({ ...ask('Hello'), max_tokens: 7 }),
  );
  expect(value.choices[0]?.finish_reason).toBe('length');
  expect(value.usage?.completion_tokens).toBeLessThanOrEqual(7);
});

test('a repeated request gets another answer, unless temperature 0 or a seed fixes it', async () => {
  const { value } = await run(async ({ openai }) => {
    const say = async (more: object) =>
      (await openai.chat.completions.create({ ...ask('Hello'), ...more })).choices[0]?.message.content;
    return {
      warm: [await say({}), await say({})],
      cold: [await say({ temperature: 0 }), await say({ temperature: 0 })],
      seeded: [await say({ seed: 9 }), await say({ seed: 9 }), await say({ seed: 10 })],
    };
  });
  expect(value.warm[0]).not.toBe(value.warm[1]);
  expect(value.cold[0]).toBe(value.cold[1]);
  expect(value.seeded[0]).toBe(value.seeded[1]);
  expect(value.seeded[0]).not.toBe(value.seeded[2]);
});

test('a question about a tool calls it, and the answer after its result does not', async () => {
  const { value } = await run(async ({ openai }) => {
    const messages = ask('What is the current weather in Paris?').messages;
    const body = { model: 'gpt-4o-mini', messages, tools: [WEATHER] };
    const first = await openai.chat.completions.create(body);
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('expected a function call');
    const second = await openai.chat.completions.create({
      ...body,
      messages: [
        ...messages,
        first.choices[0]?.message as never,
        { role: 'tool', tool_call_id: call.id, content: '18 degrees' },
      ],
    });
    const unrelated = await openai.chat.completions.create({ ...body, messages: ask('Hello').messages });
    return { first, call, second, unrelated };
  });
  expect(value.first.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  expect(value.call.function.name).toBe('get_current_weather');
  expect(JSON.parse(value.call.function.arguments)).toMatchObject({ location: 'San Francisco, CA' });
  expect(value.second.choices[0]?.finish_reason).toBe('stop');
  expect(value.unrelated.choices[0]?.message.tool_calls).toBeUndefined();
});

test('tool calls stream as a name and then pieces of the arguments', async () => {
  const { value } = await run(async ({ openai }) => {
    const runner = openai.chat.completions.stream({
      ...ask('What is the current weather in Paris?'),
      tools: [WEATHER],
    });
    return await runner.finalChatCompletion();
  });
  const call = value.choices[0]?.message.tool_calls?.[0];
  expect(call).toMatchObject({ type: 'function', function: { name: 'get_current_weather' } });
  expect(value.choices[0]?.finish_reason).toBe('tool_calls');
});

test('tool_choice none, required and by name are obeyed', async () => {
  const { value } = await run(async ({ openai }) => {
    const calls = async (question: string, tool_choice: 'none' | 'required' | object) => {
      const body = { ...ask(question), tools: [WEATHER], tool_choice: tool_choice as 'none' };
      return (await openai.chat.completions.create(body)).choices[0]?.message.tool_calls?.length ?? 0;
    };
    return [
      await calls('What is the current weather?', 'none'),
      await calls('Hello', 'required'),
      await calls('Hello', { type: 'function', function: { name: 'get_current_weather' } }),
    ];
  });
  expect(value).toEqual([0, 1, 1]);
});

test('a tool call without its result, or a result without its call, is refused', async () => {
  await run(async ({ openai }) => {
    const call = { id: 'call_1', type: 'function' as const, function: { name: 'f', arguments: '{}' } };
    const assistant = { role: 'assistant' as const, content: null, tool_calls: [call] };
    const result = { role: 'tool' as const, tool_call_id: 'call_1', content: 'x' };
    const send = (...messages: object[]) =>
      openai.chat.completions.create({ model: 'gpt-4o-mini', messages: messages as never });
    await expect(send(assistant, { role: 'user', content: 'Hi' })).rejects.toThrow(
      /must be followed by tool/,
    );
    await expect(send(result)).rejects.toThrow(/response to a preceding message/);
    await expect(send(assistant, result, { role: 'user', content: 'Hi' })).resolves.toBeDefined();
  });
});

test('an answer by schema fits it, whole and streamed', async () => {
  const schema = {
    type: 'object',
    properties: {
      topic: { type: 'string', enum: ['billing', 'delivery'] },
      urgent: { type: 'boolean' },
      parts: { type: 'array', items: { $ref: '#/$defs/part' } },
    },
    required: ['topic', 'urgent', 'parts'],
    additionalProperties: false,
    $defs: {
      part: {
        type: 'object',
        properties: { count: { type: 'integer' } },
        required: ['count'],
        additionalProperties: false,
      },
    },
  };
  await run(async ({ openai }) => {
    const format = {
      type: 'json_schema',
      json_schema: { name: 'ticket', schema, strict: true },
    } as const;
    const body = { ...ask('Classify'), response_format: format };
    const whole = await openai.chat.completions.create(body);
    const parsed = JSON.parse(whole.choices[0]?.message.content ?? '');
    expect(['billing', 'delivery']).toContain(parsed.topic);
    expect(typeof parsed.urgent).toBe('boolean');
    expect(Number.isInteger(parsed.parts[0].count)).toBe(true);

    const loose = { ...schema, additionalProperties: true };
    const bad = { ...format, json_schema: { name: 'ticket', schema: loose, strict: true } };
    const refused = openai.chat.completions.create({ ...body, response_format: bad });
    await expect(refused).rejects.toThrow(
      /'additionalProperties' is required to be supplied and to be false/,
    );
  });
});

test('what is not simulated is refused by name', async () => {
  await run(
    async ({ openai }) => {
      const send = (more: object) => openai.chat.completions.create({ ...ask('Hello'), ...more });
      for (const field of ['logit_bias', 'audio', 'functions'])
        await expect(send({ [field]: { any: 1 } })).rejects.toThrow(`'${field}' is not simulated`);
      const prediction = { type: 'content', content: 'Hello there' };
      await expect(send({ prediction })).rejects.toThrow(/'prediction' is not simulated/);
      await expect(send({ prediction, model: 'gpt-5-mini' })).rejects.toMatchObject({
        code: 'unsupported_parameter',
      });
      await expect(send({ service_tier: 'scale' })).rejects.toThrow(/not simulated/);
      const image = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }];
      await expect(send({ messages: [{ role: 'user', content: image }] })).rejects.toThrow(/image_url/);
    },
    { deployments: { ...PLAIN, ...REASONING } },
  );
});

test('the scenario may write tool calls and refusals', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const say = (text: string) => openai.chat.completions.create(ask(text));
      return [await say('call'), await say('decline')];
    },
    {
      answer: ({ prompt }) =>
        prompt === 'call'
          ? { content: 'Wait.', toolCalls: [{ name: 'look_up', arguments: { id: 7 } }] }
          : { refusal: 'I cannot help with that.' },
    },
  );
  expect(value[0]?.choices[0]?.message).toMatchObject({
    content: 'Wait.',
    tool_calls: [{ function: { name: 'look_up', arguments: '{"id":7}' } }],
  });
  expect(value[1]?.choices[0]?.message).toMatchObject({
    content: null,
    refusal: 'I cannot help with that.',
  });
});

test('a reasoning model thinks first: hidden tokens that take time and money', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const say = (reasoning_effort: 'minimal' | 'high') =>
        openai.chat.completions.create({ ...ask('Why?', 'gpt-5-mini'), reasoning_effort });
      return { quick: await say('minimal'), deep: await say('high') };
    },
    { deployments: REASONING },
  );
  const details = (usage = value.quick.usage) => usage?.completion_tokens_details?.reasoning_tokens ?? 0;
  const thought = details(value.deep.usage);
  expect(details()).toBe(0);
  expect(thought).toBeGreaterThan(300);
  const [quick, deep] = ledger.calls;
  const visible = countTokens(deep?.answer ?? '');
  expect(value.deep.usage?.completion_tokens).toBe(thought + visible);
  expect((deep?.endMs ?? 0) - (deep?.startMs ?? 0)).toBeGreaterThan((quick?.endMs ?? 0) + 2000);
  expect(deep?.costMicroUsd).toBe(Math.round((8 * 0.25 + (thought + visible) * 2) * 1) - 0);
});

test('a small cap on a reasoning model leaves no answer, and is billed all the same', async () => {
  const { value, ledger } = await run(
    ({ openai }) =>
      openai.chat.completions.create({ ...ask('Why?', 'gpt-5-mini'), max_completion_tokens: 50 }),
    { deployments: REASONING },
  );
  expect(value.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  expect(ledger.totals()).toMatchObject({ outputTokens: 50, reasoningTokens: 50 });
});

test('reasoning models refuse max_tokens and temperature; others refuse effort', async () => {
  await run(
    async ({ openai }) => {
      const send = (model: string, more: object) =>
        openai.chat.completions.create({ ...ask('Hello', model), ...more });
      await expect(send('gpt-5-mini', { max_tokens: 5 })).rejects.toThrow(/max_completion_tokens/);
      await expect(send('gpt-5-mini', { temperature: 0 })).rejects.toThrow(BadRequestError);
      await expect(send('gpt-4o-mini', { reasoning_effort: 'low' })).rejects.toThrow(/reasoning_effort/);
    },
    { deployments: { ...REASONING, 'gpt-4o-mini': { model: 'gpt-4o-mini' } } },
  );
});

test('flex costs half and takes longer, on the models that have it', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const body = { ...ask('Hello', 'gpt-5-mini'), seed: 1, reasoning_effort: 'minimal' as const };
      await openai.chat.completions.create(body);
      const flex = await openai.chat.completions.create({ ...body, service_tier: 'flex' });
      const old = openai.chat.completions.create({ ...ask('Hello', 'gpt-4o-mini'), service_tier: 'flex' });
      await expect(old).rejects.toThrow(/Flex processing is not available/);
      return flex;
    },
    { deployments: { ...REASONING, 'gpt-4o-mini': { model: 'gpt-4o-mini' } } },
  );
  expect(value.service_tier).toBe('flex');
  const [standard, flex] = ledger.calls;
  expect((standard?.costPicoUsd ?? 0) / (flex?.costPicoUsd ?? 1)).toBe(2);
});

test.for([
  // OpenAI's fast mode guide: twice the price, two and a half times with GPT-5.5; `priority` is the same tier.
  ['gpt-6-luna', 'fast', 2, 'fast'],
  ['gpt-6-luna', 'priority', 2, 'fast'],
  // Answers of GPT-5.6 and older keep the older name (vercel/ai#18589).
  ['gpt-5.6-luna', 'fast', 2, 'priority'],
  ['gpt-5.5', 'priority', 2.5, 'priority'],
] as const)(
  '%s on %s terms costs %d times as much, is sooner done, and says %s',
  async ([model, asked, factor, says]) => {
    const { value, ledger } = await run(
      async ({ openai, clock }) => {
        const body = { ...ask('Hello', model), seed: 1, reasoning_effort: 'none' as const };
        const timed = async (service_tier: 'default' | 'priority') => {
          const startMs = clock.now();
          const chat = await openai.chat.completions.create({ ...body, service_tier });
          return { says: chat.service_tier, ms: clock.now() - startMs };
        };
        const both = [await timed('default'), await timed(asked as 'priority')] as const;
        const { service_tier } = await openai.responses.create({
          model,
          input: 'Hello',
          service_tier: asked as 'priority',
        });
        return { both, service_tier };
      },
      { deployments: { [model]: { model, latency: { p95OverP50: 1.0001 } } } },
    );
    const [standard, fast] = value.both;
    expect([standard.says, fast.says, value.service_tier]).toEqual(['default', says, says]);
    expect(fast.ms).toBeLessThan(standard.ms * 0.9);
    expect(ledger.calls.map(({ tier }) => tier)).toEqual(['standard', 'fast', 'fast']);
    expect((ledger.calls[1]?.costPicoUsd ?? 0) / (ledger.calls[0]?.costPicoUsd ?? 1)).toBe(factor);
  },
);

test.for([
  // The limit of each family alone: its model page; the words: cline/cline#5474, earendil-works/pi#3641.
  ['gpt-5-mini', 272_000],
  ['gpt-6-luna', 922_000],
] as const)('%s reads no more than %i tokens, whatever room the answer would have', async ([model, most]) => {
  const { value } = await run(
    async ({ openai, quote }) => {
      const long = ask('word '.repeat(most).trim(), model);
      const said = (error: APIError) => error;
      return {
        tokens: quote('openai', long).inputTokens,
        chat: await openai.chat.completions.create(long).then(() => undefined, said),
        response: await openai.responses
          .create({ model, input: 'word '.repeat(most) })
          .then(() => undefined, said),
      };
    },
    { deployments: { [model]: { model } } },
  );
  expect(value.chat).toMatchObject({
    status: 400,
    code: 'context_length_exceeded',
    param: 'messages',
    message: `400 Input tokens exceed the configured limit of ${most} tokens. Your messages resulted in ${value.tokens} tokens. Please reduce the length of the messages.`,
  });
  expect(value.response).toMatchObject({
    status: 400,
    code: 'context_length_exceeded',
    param: 'input',
    message:
      '400 Your input exceeds the context window of this model. Please adjust your input and try again.',
  });
});
