import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProvider, SIMULATED_KEY } from '#lib/provider';
import { createControl } from '../../lib/provider/control.ts';
import { createFetch } from '../../lib/provider/doors/fetch.ts';
import { type Served, serveProvider } from '../../lib/provider/doors/node.ts';

const QUICK = { ttftMs: 5, outputPerSec: 5000, p95OverP50: 1.2 };
const plan = { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', latency: QUICK } } } as const;

let served: Served;
beforeAll(async () => {
  const control = createControl({
    make: (faults) => createProvider({ plan, faults }),
    key: 'secret',
    faults: [],
  });
  served = await serveProvider(control, { port: 0 });
});
afterAll(() => served.close());

/** One request to the control door, as its session. */
async function door(way: string, session: string, body?: unknown, key = 'secret') {
  const [method = '', path = ''] = way.split(' ');
  const answer = await fetch(`${served.url}/control/${path}`, {
    method,
    headers: { 'x-control-key': key, 'x-session-id': session },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, json: await answer.json() };
}

function client(session: string): OpenAI {
  const defaultHeaders = { 'x-session-id': session };
  return new OpenAI({ apiKey: 'any', baseURL: `${served.url}/v1`, defaultHeaders, maxRetries: 0 });
}

async function say(session: string, content: string): Promise<string> {
  const messages = [{ role: 'user' as const, content }];
  const reply = client(session).chat.completions.create({ model: 'gpt-4o-mini', messages, max_tokens: 5 });
  return reply.then(
    ({ choices: [choice] }) => choice?.message.content ?? '',
    (error) => `status ${error.status}`,
  );
}

test('a test reads the ledger of its own session and of no other', async () => {
  await Promise.all([say('one', 'Hello'), say('one', 'Hello again'), say('two', 'Hi')]);
  const [one, two] = await Promise.all([door('GET ledger', 'one'), door('GET ledger', 'two')]);
  expect(one.json.calls.map(({ prompt }: { prompt: string }) => prompt).sort()).toEqual([
    'Hello',
    'Hello again',
  ]);
  expect(two.json.totals).toMatchObject({ calls: 1, answered: 1, outputTokens: 5 });
  expect(one.json.totals.costMicroUsd).toBeGreaterThan(0);
});

test('rules are for one session, and a reset gives it a new ledger and the rules of the start', async () => {
  const rules = [{ when: { times: 1 }, effect: { error: 'overloaded' } }, { effect: { answer: 'As told.' } }];
  expect(await door('PUT script', 'three', rules)).toEqual({ status: 200, json: { rules: 2 } });
  expect([await say('three', 'a'), await say('three', 'b')]).toEqual(['status 503', 'As told.']);
  expect(await say('four', 'a')).not.toBe('As told.');
  expect((await door('POST reset', 'three')).json).toEqual({ reset: true });
  expect((await door('GET ledger', 'three')).json.totals.calls).toBe(0);
  expect(await say('three', 'a')).not.toBe('As told.');
});

test.for([
  ['GET ledger', undefined, 'wrong', 401, 'x-control-key'],
  ['GET nothing', undefined, 'secret', 404, 'GET /control/ledger'],
  ['DELETE ledger', undefined, 'secret', 404, 'POST /control/reset'],
  ['PUT script', '{', 'secret', 400, 'not valid JSON'],
  [
    'PUT script',
    [{ when: { deployment: 'nope' }, effect: { delayMs: 1 } }],
    'secret',
    400,
    'one of gpt-4o-mini',
  ],
] as const)(
  '%s with %j and the key "%s" is status %d, in a sentence',
  async ([way, body, key, status, said]) => {
    const answer = await door(way, 'odd', body, key);
    expect([answer.status, answer.json.error.message]).toEqual([status, expect.stringContaining(said)]);
  },
);

test('without a control door its address is none', async () => {
  const plain = await serveProvider(createProvider({ plan }), { port: 0 });
  const answer = await fetch(`${plain.url}/control/ledger`);
  await plain.close();
  expect([answer.status, (await answer.json()).error.code]).toEqual([404, 'unknown_url']);
});

test('a session more than there may be is refused in a sentence, until one is reset', async () => {
  const make = () => createProvider({ plan });
  const door = createFetch(createControl({ make, key: 'k', faults: [], mostSessions: 2 }).answer);
  const ask = (url: string, session: string, method = 'GET') =>
    door(url, {
      method,
      headers: { authorization: `Bearer ${SIMULATED_KEY}`, 'x-session-id': session, 'x-control-key': 'k' },
    });
  const list = async (session: string) => (await ask('https://api.openai.com/v1/models', session)).status;
  expect([await list('one'), await list('two'), await list('three')]).toEqual([200, 200, 503]);
  await ask('https://control.workbook.test/reset', 'one', 'POST');
  expect(await list('three')).toBe(200);
});

test('a provider in a test of one’s own needs no options, and its ledger says what a call cost', async () => {
  const provider = createProvider({ speed: 10_000 });
  const openai = new OpenAI({ apiKey: SIMULATED_KEY, fetch: provider.fetch });
  provider.setFaults([{ when: {}, effect: { answer: 'Written.' } }]);
  const { choices } = await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  expect(choices[0]?.message.content).toBe('Written.');
  expect(provider.ledger.totals().costMicroUsd).toBeLessThan(2000);
});
