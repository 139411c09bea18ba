import { expect, test } from 'vitest';
import type { Clock } from '#lib/clock';
import { createProvider, randomFor, SIMULATED_KEY } from '#lib/provider';
import { routes } from '../../lib/provider/routes.ts';
import type { WireAnswer } from '../../lib/provider/wire.ts';

const NO_WAIT: Clock = { now: () => 0, sleep: async () => {} };
const PLAN = {
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'gpt-5-mini': { model: 'gpt-5-mini' },
    'text-embedding-3-small': { model: 'text-embedding-3-small' },
    'dall-e-3': { model: 'dall-e-3' },
    'tts-1': { model: 'tts-1' },
    prod: { model: 'gpt-5.4-mini', vendor: 'azure' },
  },
  services: { video: { unit: 'second', usdPerUnit: 1 } },
} as const;

const schema = {
  type: 'object',
  properties: {
    a: {
      anyOf: [
        { type: 'string', pattern: '^[a-z]+$' },
        { type: 'array', items: { type: 'number', minimum: 1 }, minItems: 1 },
      ],
    },
    next: { $ref: '#' },
  },
  required: ['a', 'next'],
  additionalProperties: false,
};
const parameters = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['a'] } },
  required: ['city'],
};

/** One body that is right for each route that takes one. */
const BODIES: Record<string, object> = {
  '/chat/completions': {
    ...{
      model: 'gpt-4o-mini',
      max_tokens: 5,
      stream: true,
      n: 1,
      seed: 1,
      stop: ['x'],
      temperature: 1,
      store: true,
    },
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'get weather' }] },
      {
        role: 'assistant',
        content: 'x',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'x', name: 'n' },
      { role: 'user', content: 'get weather', name: 'n' },
    ],
    tools: [
      { type: 'function', function: { name: 'get_weather', description: 'Get the weather', parameters } },
    ],
    tool_choice: 'auto',
    response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
    ...{ stream_options: { include_usage: true }, metadata: { a: 'b' } },
  },
  '/responses': {
    ...{
      model: 'gpt-5-mini',
      previous_response_id: null,
      conversation: null,
      instructions: 'x',
      max_output_tokens: 30,
      metadata: {},
      include: ['reasoning.encrypted_content'],
    },
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'x' }] },
      { type: 'reasoning', id: 'rs', summary: [] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'x' },
    ],
    tools: [{ type: 'function', name: 'f', parameters, strict: false }],
    tool_choice: { type: 'function', name: 'f' },
    ...{ text: { format: { type: 'json_schema', name: 'x', strict: true, schema }, verbosity: 'low' } },
    reasoning: { effort: 'low', summary: 'auto' },
  },
  '/embeddings': {
    model: 'text-embedding-3-small',
    input: [[1, 2], [3]],
    dimensions: 10,
    encoding_format: 'base64',
  },
  '/images/generations': { prompt: 'x', n: 1, size: '1024x1024', quality: 'hd' },
  '/audio/speech': { model: 'tts-1', input: 'x', voice: 'alloy', response_format: 'mp3' },
  '/batches': { input_file_id: 'f', endpoint: '/v1/embeddings', completion_window: '24h', metadata: {} },
  '/responses/input_tokens': {
    ...{ model: 'gpt-5-mini', instructions: 'x', conversation: { id: 'conv_x' }, truncation: 'auto' },
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }],
  },
  '/conversations': {
    items: [
      { type: 'message', role: 'user', content: 'x' },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    ],
    metadata: { a: 'b' },
  },
  '/conversations/CONVERSATION': { metadata: { a: 'b' } },
  '/conversations/CONVERSATION/items': { items: [{ role: 'user', content: 'x' }] },
  '/chat/completions/x': { metadata: { a: 'b' } },
};
const ODD = [
  null,
  0,
  -1,
  1.5,
  '',
  'x',
  [],
  {},
  [null],
  [[]],
  true,
  1e308,
  1e9,
  '\u0000',
  { type: 'text' },
  ['a', 1],
  { $ref: '#' },
];

/** All places in a body, by their path. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [[...path, key], ...places(each, [...path, key])]);
}

function withValue(body: object, path: readonly string[], value: unknown): object {
  const copy = structuredClone(body) as Record<string, unknown>;
  let at: Record<string, unknown> | undefined = copy;
  for (const key of path.slice(0, -1)) at = at?.[key] as Record<string, unknown> | undefined;
  if (typeof at === 'object' && at !== null) at[path.at(-1) as string] = value;
  return copy;
}

function provider() {
  const faults: unknown[] = [];
  const made = createProvider({
    plan: PLAN,
    seed: 1,
    clock: NO_WAIT,
    ledger: 'totals',
    onFault: (error) => faults.push(error),
  });
  const send = (method: string, path: string, text = '', root = 'https://api.openai.com/v1') =>
    made.answer({
      method,
      url: root + path,
      headers: { authorization: `Bearer ${SIMULATED_KEY}` },
      text,
      signal: undefined,
    }) as Promise<WireAnswer>;
  return { faults, send };
}

/** What every answer must be: of use to a client, whatever was asked. */
function expectAnswer({ status, body }: WireAnswer, asked: string): void {
  expect(status, asked).toBeLessThan(500);
  if (status < 400) return;
  const { error } = JSON.parse(String(body));
  expect(Object.keys(error), asked).toEqual(expect.arrayContaining(['message', 'code']));
  expect(error.message, asked).not.toMatch(/undefined|\[object/);
}

test.for(Object.keys(BODIES))('POST %s gets an answer whatever one field holds', async (path) => {
  const { send, faults } = provider();
  const body = BODIES[path] as object;
  const { id } = JSON.parse(String((await send('POST', '/conversations')).body));
  const address = path.replace('CONVERSATION', id);
  for (const place of places(body))
    for (const value of ODD) {
      const text = JSON.stringify(withValue(body, place, value));
      expectAnswer(await send('POST', address, text), text);
    }
  expect(faults).toEqual([]);
});

test('a thousand bodies with several odd fields get an answer each', async () => {
  const { send, faults } = provider();
  const random = randomFor('fuzz');
  const paths = Object.keys(BODIES);
  for (let i = 0; i < 1000; i += 1) {
    const path = random.pick(paths);
    let body = BODIES[path] as object;
    for (let changes = 1 + random.int(4); changes > 0; changes -= 1) {
      const all = places(body);
      if (all.length > 0) body = withValue(body, random.pick(all), random.pick(ODD));
    }
    const text = JSON.stringify(body);
    expectAnswer(await send('POST', path, text), `${path} ${text}`);
  }
  expect(faults).toEqual([]);
});

test('every route, method and odd path gets an answer', async () => {
  const { send, faults } = provider();
  const paths = [
    ...routes.map(({ path }) => path.replaceAll(/:\w+/g, '%ZZ')),
    '/%ZZ',
    '//models',
    '/',
    '/files?limit=abc',
    '/files?limit=-1',
    '/files?after=zzz',
    '/models/',
    '/x'.repeat(2000),
  ];
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'QUERY'])
    for (const path of paths) {
      for (const root of [
        'https://api.openai.com/v1',
        'https://x.openai.azure.com/openai/v1',
        'https://x.openai.azure.com/openai',
      ])
        for (const text of ['', '[]', '{', 'null', '{"__proto__":{"model":"gpt-4o-mini"}}'])
          expectAnswer(await send(method, path, text, root), `${method} ${root}${path} ${text}`);
    }
  expect(faults).toEqual([]);
});

test('nesting without end is an error of the request', async () => {
  const { send, faults } = provider();
  const deep = (open: string, close: string) => open.repeat(50_000) + close.repeat(50_000);
  for (const odd of [deep('[', ']'), deep('{"a":', '}').replace('}', '1}')]) {
    const messages = `[{"role":"user","content":"x","odd":${odd}}]`;
    expectAnswer(
      await send('POST', '/chat/completions', `{"model":"gpt-4o-mini","messages":${messages}}`),
      'deep',
    );
  }
  expect(faults).toEqual([]);
});
