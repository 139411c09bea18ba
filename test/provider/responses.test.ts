import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import { run } from './support.ts';

const DEPLOYMENTS = {
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
  'gpt-5-mini': { model: 'gpt-5-mini' },
  prod: { model: 'gpt-5.4-mini', vendor: 'azure' },
} as const;
const model = 'gpt-4o-mini';
const TOOL = {
  type: 'function',
  name: 'get_weather',
  description: 'Current weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
} as const;

test.for(['openai', 'azure'] as const)('a response of %s carries its text, usage and ids', async (vendor) => {
  const { value, ledger } = await run(
    (world) =>
      world[vendor].responses.create({
        model: vendor === 'azure' ? 'prod' : model,
        input: 'Hello',
        instructions: 'Be brief.',
      }),
    { deployments: DEPLOYMENTS },
  );
  const call = ledger.calls[0];
  expect(value.id).toMatch(/^resp_/);
  expect(value.output_text).toBe(call?.answer);
  expect(value.output[0]).toMatchObject({ type: 'message', status: 'completed', role: 'assistant' });
  expect(value.usage).toMatchObject({
    input_tokens: call?.tokens.input,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: call?.tokens.output,
    output_tokens_details: { reasoning_tokens: 0 },
  });
  expect(call).toMatchObject({ surface: 'responses', prompt: 'Hello' });
});

test('a stream has the events of the API description, numbered, and the same text', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const events: ResponseStreamEvent[] = [];
      const stream = await openai.responses.create({ model, input: 'Hello', stream: true });
      for await (const event of stream) events.push(event);
      return events;
    },
    { deployments: DEPLOYMENTS },
  );
  const types = value.map((event) => event.type);
  expect(types.filter((type, i) => type !== types[i - 1])).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(value.map((event) => event.sequence_number)).toEqual(value.map((_, i) => i));
  const text = value
    .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    .join('');
  const last = value.at(-1);
  if (last?.type !== 'response.completed') throw new Error('expected the end');
  expect(last.response.output[0]).toMatchObject({ content: [{ type: 'output_text', text }] });
  expect(last.response.usage?.output_tokens).toBeGreaterThan(0);
});

test("the SDK's own stream helper accepts the events, tool calls and reasoning included", async () => {
  const { value } = await run(
    async ({ openai }) => {
      const stream = openai.responses.stream({
        model: 'gpt-5-mini',
        input: 'What is the current weather in the city of Oslo?',
        tools: [TOOL],
      });
      return await stream.finalResponse();
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.output.map((item) => item.type)).toEqual(['reasoning', 'function_call']);
  expect(value.output[1]).toMatchObject({ name: 'get_weather', status: 'completed' });
  expect(value.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
});

test('a conversation goes on from a stored response, tool results included', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const input = 'What is the current weather in the city of Oslo?';
      const first = await openai.responses.create({ model, input, tools: [TOOL] });
      const call = first.output[0];
      if (call?.type !== 'function_call') throw new Error('expected a call');
      const second = await openai.responses.create({
        model,
        previous_response_id: first.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: '18 degrees' }],
      });
      const got = await openai.responses.retrieve(first.id);
      await openai.responses.delete(first.id);
      await expect(openai.responses.retrieve(first.id)).rejects.toThrow(/not found/);
      const orphan = openai.responses.create({ model, previous_response_id: first.id, input: 'Hi' });
      await expect(orphan).rejects.toThrow(/Previous response with id/);
      return { second, got, first };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.second.output[0]?.type).toBe('message');
  expect(value.got.id).toBe(value.first.id);
  const [first, second] = ledger.calls;
  expect(second?.tokens.input).toBeGreaterThan(10);
  expect(first?.finish).toBe('tool_calls');
});

test('a capped response is incomplete and says why, whole and streamed', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const whole = await openai.responses.create({ model, input: 'Hello', max_output_tokens: 16 });
      const types: string[] = [];
      const stream = await openai.responses.create({
        model,
        input: 'Hi',
        max_output_tokens: 16,
        stream: true,
      });
      for await (const event of stream) types.push(event.type);
      return { whole, last: types.at(-1) };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.whole).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
  });
  expect(value.last).toBe('response.incomplete');
});

test('structured output fits its schema, and what is not simulated is refused by name', async () => {
  await run(
    async ({ openai }) => {
      const schema = {
        type: 'object',
        properties: { topic: { type: 'string' } },
        required: ['topic'],
        additionalProperties: false,
      };
      const text = { format: { type: 'json_schema' as const, name: 'topic', schema, strict: true } };
      const done = await openai.responses.create({ model, input: 'Classify', text });
      expect(typeof JSON.parse(done.output_text).topic).toBe('string');
      const background = openai.responses.create({ model, input: 'x', background: true });
      await expect(background).rejects.toThrow("'background' is not simulated");
      const image = [
        { role: 'user' as const, content: [{ type: 'input_image' as const, detail: 'auto' as const }] },
      ];
      await expect(openai.responses.create({ model, input: image })).rejects.toThrow(/other than text/);
    },
    { deployments: DEPLOYMENTS },
  );
});

test.for([
  // openai-agents-python#2265: the words for what was not stored.
  [
    404,
    { input: [{ type: 'item_reference', id: 'rs_1' }] },
    'Items are not persisted when `store` is set to',
  ],
  // ENTERPILOT/GoModel#861: the types of Chat Completions are refused here.
  [400, { input: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] }, "Invalid value: 'text'"],
  // The vendor takes both, the simulator has neither.
  [400, { input: 'Hi', reasoning: { mode: 'pro' } }, 'not simulated'],
  [400, { input: 'Hi', service_tier: 'ultrafast' }, 'not simulated'],
] as const)('a response is refused with %i for %j', async ([status, fields, words]) => {
  const { value } = await run(
    ({ openai }) =>
      openai.responses.create({ model: 'gpt-6-luna', ...fields } as never).catch((error: unknown) => error),
    { deployments: { 'gpt-6-luna': { model: 'gpt-6-luna' } } },
  );
  expect(value).toMatchObject({ status, message: expect.stringContaining(words) });
});
