import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { ask, run } from './support.ts';

const deployments = {
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
  'gpt-5-mini': { model: 'gpt-5-mini' },
} as const;

type Tool = OpenAI.Chat.ChatCompletionTool;
const tool = (
  name: string,
  description: string,
  properties: object = { location: { type: 'string' } },
): Tool => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
    strict: true,
  },
});
const WEATHER = tool('get_weather', 'Get current temperature for a given location.');

test.for([
  ['What is the weather like in Paris today?', WEATHER],
  [
    "What's the weather in San Francisco?",
    tool('get_current_weather', 'Get the current weather in a given location'),
  ],
  ['What is the weather like in Boston today?', tool('get_current_weather', 'Get the current weather')],
] as const)('the example of the documentation leads to a call: %s', async ([question, given]) => {
  await run(
    async ({ openai }) => {
      const { choices } = await openai.chat.completions.create({ ...ask(question), tools: [given] });
      expect(choices[0]?.finish_reason).toBe('tool_calls');
    },
    { deployments },
  );
});

test('a system message can tell the model to call; small talk does not', async () => {
  await run(
    async ({ openai }) => {
      const add = tool('math_addition', 'Adds two numbers', { a: { type: 'number' }, b: { type: 'number' } });
      const told = { role: 'system' as const, content: 'ALWAYS call the math_addition function.' };
      const hello = ask('Hello there').messages;
      const finish = async (messages: OpenAI.ChatCompletionMessageParam[]) =>
        (await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, tools: [add] })).choices[0]
          ?.finish_reason;
      expect([await finish([told, ...hello]), await finish(hello)]).toEqual(['tool_calls', 'stop']);
    },
    { deployments },
  );
});

test('required holds after a result; a named function ends with stop; allowed tools bound the choice', async () => {
  await run(
    async ({ openai }) => {
      const asked = ask('What is the weather in Paris?');
      const first = await openai.chat.completions.create({ ...asked, tools: [WEATHER] });
      const said = first.choices[0]?.message as OpenAI.ChatCompletionMessage;
      const messages = [
        ...asked.messages,
        said,
        { role: 'tool' as const, tool_call_id: said.tool_calls?.[0]?.id ?? '', content: 'sunny' },
      ];
      const again = async (tool_choice: OpenAI.ChatCompletionToolChoiceOption, tools = [WEATHER]) =>
        (await openai.chat.completions.create({ ...asked, messages, tools, tool_choice })).choices[0];
      expect((await again('auto'))?.finish_reason).toBe('stop');
      expect((await again('required'))?.finish_reason).toBe('tool_calls');
      const named = await again({ type: 'function', function: { name: 'get_weather' } });
      expect([named?.finish_reason, named?.message.tool_calls?.length]).toEqual(['stop', 1]);
      const only = [{ type: 'function', function: { name: 'other' } }];
      const allowed = await again(
        { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: only } },
        [WEATHER, tool('other', 'Other')],
      );
      expect(
        allowed?.message.tool_calls?.map((call) => call.type === 'function' && call.function.name),
      ).toEqual(['other']);
    },
    { deployments },
  );
});

test('a thinking model goes on from what it said: references, its thoughts sealed and in short', async () => {
  await run(
    async ({ openai }) => {
      const asked = {
        model: 'gpt-5-mini',
        input: 'What is the weather in Paris?',
        tools: [
          {
            type: 'function' as const,
            name: 'get_weather',
            description: 'Get the weather',
            parameters: { type: 'object', properties: {} },
            strict: false,
          },
        ],
        reasoning: { effort: 'low' as const, summary: 'auto' as const },
        include: ['reasoning.encrypted_content' as const],
      };
      const first = await openai.responses.create(asked);
      const [thought, call] = first.output as [
        OpenAI.Responses.ResponseReasoningItem,
        OpenAI.Responses.ResponseFunctionToolCall,
      ];
      expect(thought.summary[0]?.text).toMatch(/\w/);
      expect(thought.encrypted_content).toMatch(/^[\w+/=]{40,}$/);
      const references = [thought, call].map(({ id = '' }) => ({ type: 'item_reference' as const, id }));
      const output = { type: 'function_call_output' as const, call_id: call.call_id, output: 'sunny' };
      const second = await openai.responses.create({
        ...asked,
        input: [{ role: 'user', content: asked.input }, ...references, output],
      });
      expect(second.output_text.length).toBeGreaterThan(10);
      await expect(
        openai.responses.create({ ...asked, input: [{ type: 'item_reference', id: 'msg_x' }] }),
      ).rejects.toThrow(/not found/);
      const events: string[] = [];
      for await (const event of await openai.responses.create({ ...asked, stream: true }))
        events.push(event.type);
      expect(events).toEqual(
        expect.arrayContaining([
          'response.reasoning_summary_part.added',
          'response.reasoning_summary_text.delta',
          'response.reasoning_summary_text.done',
          'response.reasoning_summary_part.done',
        ]),
      );
    },
    { deployments },
  );
});

test('each answer has an id of its own; what is stored is found by it, with its input', async () => {
  await run(
    async ({ openai }) => {
      const twin = (mark: string) =>
        openai.responses.create({ model: 'gpt-4o-mini', input: 'same', metadata: { mark } });
      const [a, b] = await Promise.all([twin('a'), twin('b')]);
      expect((await openai.responses.retrieve(a.id)).metadata).toEqual({ mark: 'a' });
      const items = await openai.responses.inputItems.list(b.id);
      expect(items.data[0]).toMatchObject({
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: 'same' }],
      });
      await openai.responses.delete(a.id);
      expect((await openai.responses.retrieve(b.id)).id).toBe(b.id);
      const unkept = await openai.responses.create({ model: 'gpt-4o-mini', input: 'same', store: false });
      await expect(openai.responses.retrieve(unkept.id)).rejects.toMatchObject({ status: 404 });
    },
    { deployments },
  );
});

test('a chat completion is kept where that was asked for, streamed or whole', async () => {
  await run(
    async ({ openai }) => {
      const chats = openai.chat.completions;
      const kept = await chats.create({ ...ask('Keep me'), store: true, metadata: { a: 'b' } });
      for await (const _ of await chats.create({ ...ask('Me too'), store: true, stream: true }));
      await chats.create(ask('Not me'));
      const listed = [];
      for await (const each of chats.list()) listed.push(each.id);
      expect(listed).toHaveLength(2);
      expect((await chats.retrieve(kept.id)).choices).toEqual(kept.choices);
      expect((await chats.messages.list(kept.id)).data[0]?.content).toBe('Keep me');
      expect(await chats.update(kept.id, { metadata: { c: 'd' } })).toMatchObject({ metadata: { c: 'd' } });
      expect(await chats.delete(kept.id)).toMatchObject({ deleted: true });
      await expect(chats.retrieve(kept.id)).rejects.toMatchObject({ status: 404 });
    },
    { deployments },
  );
});

test('a model can be asked for by the name that its answers bear', async () => {
  await run(
    async ({ openai }) => {
      const { model, system_fingerprint } = await openai.chat.completions.create(ask('Hello'));
      expect(system_fingerprint).toMatch(/^fp_/);
      expect((await openai.chat.completions.create(ask('Hello', model))).model).toBe(model);
      expect((await openai.models.retrieve(model)).id).toBe(model);
    },
    { deployments },
  );
});

const strict = (schema: object): OpenAI.ResponseFormatJSONSchema => ({
  type: 'json_schema',
  json_schema: {
    name: 'x',
    strict: true,
    schema: { type: 'object', properties: { it: schema }, required: ['it'], additionalProperties: false },
  },
});

test.for([
  [
    'a pattern',
    { type: 'string', pattern: '^[A-Z]{2,3}-\\d{4}(?:-(?:a|b))?$' },
    (it) => /^[A-Z]{2,3}-\d{4}(?:-(?:a|b))?$/.test(it),
  ],
  [
    'a step',
    { type: 'number', multipleOf: 0.25, minimum: 1, maximum: 2 },
    (it) => it >= 1 && it <= 2 && (it * 4) % 1 === 0,
  ],
  ['open bounds', { type: 'integer', exclusiveMinimum: 3, exclusiveMaximum: 5 }, (it) => it === 4],
  ['a time', { type: 'string', format: 'time' }, (it) => /^\d\d:\d\d:\d\dZ$/.test(it)],
  ['an address', { type: 'string', format: 'ipv4' }, (it) => /^\d+\.\d+\.\d+\.\d+$/.test(it)],
] as [string, object, (it: never) => boolean][])('a strict answer keeps %s', async ([, schema, fits]) => {
  await run(
    async ({ openai }) => {
      for (let i = 0; i < 20; i += 1) {
        const { choices } = await openai.chat.completions.create({
          ...ask(`Make ${i}`),
          response_format: strict(schema),
        });
        const { it } = JSON.parse(choices[0]?.message.content ?? '{}');
        expect(fits(it as never), String(it)).toBe(true);
      }
    },
    { deployments },
  );
});

/** Both are examples of OpenAI's guide on structured outputs. */
test.for([
  [
    'a form of forms',
    {
      type: 'object',
      properties: {
        label: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/properties/it' } },
      },
      required: ['label', 'children'],
      additionalProperties: false,
    },
  ],
  [
    'a linked list',
    {
      anyOf: [
        { type: 'null' },
        {
          type: 'object',
          properties: { next: { $ref: '#/properties/it' } },
          required: ['next'],
          additionalProperties: false,
        },
      ],
    },
  ],
] as const)('a schema that contains itself comes to an end: %s', async ([, schema]) => {
  await run(
    async ({ openai }) => {
      const { choices } = await openai.chat.completions.create({
        ...ask('Make one'),
        response_format: strict(schema),
      });
      expect(JSON.parse(choices[0]?.message.content ?? '')).toHaveProperty('it');
    },
    { deployments },
  );
});
