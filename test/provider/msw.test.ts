import { setupServer } from 'msw/node';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProvider, SIMULATED_KEY } from '#lib/provider';
import { mswHandlers } from '../../lib/provider/doors/msw.ts';
import { ask } from './support.ts';

const provider = createProvider({
  plan: {
    deployments: {
      'gpt-4o-mini': { model: 'gpt-4o-mini' },
      chat: { model: 'gpt-5.4-mini', vendor: 'azure' },
    },
  },
  seed: 1,
  clock: { now: () => 0, sleep: async () => {} },
});
const server = setupServer(...mswHandlers(provider));
const openai = () => new OpenAI({ apiKey: SIMULATED_KEY, maxRetries: 0 });

beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterAll(() => server.close());

test('whole answers, at both vendors', async () => {
  const { choices } = await openai().chat.completions.create(ask('Hello'));
  expect(choices[0]?.message.content).toBe(provider.ledger.calls.at(-1)?.answer);
  const azure = await fetch(
    'https://x.openai.azure.com/openai/deployments/chat/chat/completions?api-version=2024-10-21',
    {
      method: 'POST',
      headers: { 'api-key': SIMULATED_KEY },
      body: JSON.stringify({ messages: ask('Hello').messages }),
    },
  );
  expect((await azure.json()).model).toBe('gpt-5.4-mini');
});

test('a stream that is read to its end', async () => {
  let text = '';
  for await (const chunk of await openai().chat.completions.create({ ...ask('Hello'), stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe(provider.ledger.calls.at(-1)?.answer);
});

test('the lesson of day 5: our answer to lab 5.3 asks through MSW, and the ledger knows', async () => {
  const { createClient } = await import('../../solutions/day5-nodejs/3-two-providers/client.ts');
  const reply = await createClient({ OPENAI_API_KEY: SIMULATED_KEY, OPENAI_MODEL: 'gpt-4o-mini' }).ask(
    'Hello',
  );
  expect(provider.ledger.calls.at(-1)?.tokens.output).toBe(reply.usage.output);
});

test('errors, files, and what is not simulated', async () => {
  await expect(openai().chat.completions.create(ask('Hello', 'gpt-9'))).rejects.toMatchObject({
    status: 404,
  });
  const file = await openai().files.create({ file: new File(['{}'], 'a.jsonl'), purpose: 'batch' });
  expect(await (await openai().files.content(file.id)).text()).toBe('{}');
  await expect(openai().get('/fine_tuning/jobs')).rejects.toThrow(/not simulated/);
});

/** What MSW 2 cannot do, tried so that we notice when it can: see `mswHandlers`. */
test('with MSW 2 three things do not work: a retry, leaving a stream, stopping it', async () => {
  const cut = createProvider({
    plan: { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini' } } },
    seed: 1,
    clock: { now: () => 0, sleep: async () => {} },
    faults: [{ when: { ordinal: 1 }, effect: { error: 'rate_limit', retryAfterMs: 1 } }],
  });
  server.use(...mswHandlers(cut));
  const retried = new OpenAI({ apiKey: SIMULATED_KEY, maxRetries: 1 }).chat.completions.create(ask('Hello'));
  retried.catch(() => {});
  expect(await settles(retried)).toBe(false);
  const leaving = (async () => {
    for await (const _ of await openai().chat.completions.create({ ...ask('Hello'), stream: true })) break;
  })();
  expect(await settles(leaving)).toBe(false);
  const abort = new AbortController();
  const stream = await openai().chat.completions.create(
    { ...ask('Stop'), stream: true },
    { signal: abort.signal },
  );
  abort.abort();
  await settles(stream[Symbol.asyncIterator]().next());
  expect(cut.ledger.calls.at(-1)?.outcome).toBe('answered');
});

/** Whether a promise settles within many turns of the event loop. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let turns = 0; turns < 2000 && !settled; turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
  return settled;
}
