import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { run } from './support.ts';

const model = 'gpt-4o-mini';
const DEPLOYMENTS = { [model]: { model }, 'gpt-5-mini': { model: 'gpt-5-mini' } } as const;

function inConversation<V>(body: (openai: OpenAI) => Promise<V>) {
  return run(({ openai }) => body(openai), { deployments: DEPLOYMENTS });
}

test('a conversation is made, read, renamed and deleted', async () => {
  const { value } = await inConversation(async (openai) => {
    const made = await openai.conversations.create({
      metadata: { topic: 'a' },
      items: [{ type: 'message', role: 'user', content: 'Hello' }],
    });
    const renamed = await openai.conversations.update(made.id, { metadata: { topic: 'b' } });
    const read = await openai.conversations.retrieve(made.id);
    const deleted = await openai.conversations.delete(made.id);
    const gone = await openai.conversations.retrieve(made.id).catch((error) => error);
    return { made, renamed, read, deleted, gone };
  });
  const { made, renamed, read, deleted, gone } = value;
  expect(made).toMatchObject({ object: 'conversation', id: expect.stringMatching(/^conv_/) });
  expect([renamed.metadata, read.metadata]).toEqual([{ topic: 'b' }, { topic: 'b' }]);
  expect(deleted).toEqual({ id: made.id, object: 'conversation.deleted', deleted: true });
  expect([gone.status, gone.message]).toEqual([404, `404 Conversation with id '${made.id}' not found.`]);
});

test('its items are added, listed both ways, read and deleted', async () => {
  const { value } = await inConversation(async (openai) => {
    const { id } = await openai.conversations.create();
    const items = ['one', 'two', 'three'].map((content) => ({ role: 'user' as const, content }));
    const added = await openai.conversations.items.create(id, { items });
    const listed = await texts(openai, id, 'desc');
    const first = added.data[0]?.id ?? '';
    const read = await openai.conversations.items.retrieve(first, { conversation_id: id });
    const after = await openai.conversations.items.delete(first, { conversation_id: id });
    const gone = await openai.conversations.items
      .retrieve(first, { conversation_id: id })
      .catch((error) => error.status);
    return { id, added, listed, read, after, gone, left: await texts(openai, id, 'asc') };
  });
  expect(value.added).toMatchObject({ object: 'list', has_more: false });
  expect(value.listed).toEqual(['three', 'two', 'one']);
  expect(value.read).toMatchObject({ type: 'message', content: [{ type: 'input_text', text: 'one' }] });
  expect([value.after.id, value.gone, value.left]).toEqual([value.id, 404, ['two', 'three']]);
});

test.for(['limit=0', 'limit=-1', 'limit=101', 'limit=abc', 'limit=1.5', 'order=up'])(
  'a page with %s is refused',
  async (asked) => {
    const { value } = await inConversation(async (openai) => {
      const { id } = await openai.conversations.create();
      return openai.get(`/conversations/${id}/items?${asked}`).catch((error) => [error.status, error.param]);
    });
    expect(value).toEqual([400, asked.split('=')[0]]);
  },
);

test.for([false, true])('a response reads its conversation and adds to it (stream: %s)', async (stream) => {
  const { value, ledger } = await inConversation(async (openai) => {
    const { id } = await openai.conversations.create();
    const ids: unknown[] = [];
    for (const input of ['My name is Ada.', 'What is my name?']) {
      const body = { model, input, conversation: id };
      if (stream) {
        for await (const event of await openai.responses.create({ ...body, stream: true }))
          if (event.type === 'response.completed') ids.push(event.response.conversation?.id);
      } else ids.push((await openai.responses.create(body)).conversation?.id);
    }
    const items = await openai.conversations.items.list(id, { order: 'asc' });
    return { id, ids, roles: items.data.map((item) => 'role' in item && item.role) };
  });
  expect(value.ids).toEqual([value.id, value.id]);
  expect(value.roles).toEqual(['user', 'assistant', 'user', 'assistant']);
  const inputs = ledger.calls
    .filter(({ surface }) => surface === 'responses')
    .map(({ tokens }) => tokens.input);
  expect(inputs[1]).toBeGreaterThan((inputs[0] ?? 0) + 4);
});

test('a conversation and a previous response exclude each other, and one that is not there is said so', async () => {
  const { value } = await inConversation(async (openai) => {
    const { id } = await openai.conversations.create();
    const first = await openai.responses.create({ model, input: 'Hello' });
    const both = { model, input: 'Hi', conversation: id, previous_response_id: first.id };
    const refused = (body: object) =>
      openai.responses.create(body as typeof both).catch((error) => [error.status, error.code]);
    return [await refused(both), await refused({ model, input: 'Hi', conversation: { id: 'conv_none' } })];
  });
  expect(value).toEqual([
    [400, 'mutually_exclusive_parameters'],
    [404, null],
  ]);
});

test('input tokens are counted as a response bills them, at no cost', async () => {
  const { value, ledger } = await inConversation(async (openai) => {
    const { id } = await openai.conversations.create({ items: [{ role: 'user', content: 'Earlier words' }] });
    const body = {
      model: 'gpt-5-mini',
      instructions: 'Be brief.',
      input: 'How are you?',
      conversation: id,
      tools: [{ type: 'function' as const, name: 'f', parameters: { type: 'object' }, strict: false }],
    };
    const counted = await openai.responses.inputTokens.count(body);
    const billed = await openai.responses.create(body);
    const unknown = await openai.responses.inputTokens
      .count({ model: 'none', input: 'x' })
      .catch((error) => [error.status, error.code]);
    return { counted, billed: billed.usage?.input_tokens, unknown };
  });
  expect(value.counted).toEqual({ object: 'response.input_tokens', input_tokens: value.billed });
  expect(value.unknown).toEqual([404, 'model_not_found']);
  const cost = ledger.calls.filter(({ surface }) => surface !== 'responses').map((call) => call.costPicoUsd);
  expect(new Set(cost)).toEqual(new Set([0]));
});

async function texts(openai: OpenAI, id: string, order: 'asc' | 'desc'): Promise<string[]> {
  const found: string[] = [];
  // Pages of two, so that what comes after is asked for.
  for await (const item of openai.conversations.items.list(id, { order, limit: 2 }))
    if (item.type === 'message' && item.content[0]?.type === 'input_text') found.push(item.content[0].text);
  return found;
}
