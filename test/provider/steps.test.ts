import { expect, test } from 'vitest';
import { createVirtualClock } from '../../lib/clock/index.ts';
import { parseMultipart } from '../../lib/provider/doors/multipart.ts';
import { createProvider, SIMULATED_KEY } from '../../lib/provider/index.ts';
import { createTurns, inTurns, type Pause } from '../../lib/provider/steps.ts';

const URL_ = 'https://api.openai.com/v1';
const plan = {
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'text-embedding-3-small': { model: 'text-embedding-3-small' },
  },
} as const;

/** What is posted, by kind: each takes long enough to hold up others. */
const LONG: Record<string, [path: string, body: object, leastPauses: number]> = {
  'a text without a space': ['/chat/completions', chat(['a'.repeat(60_000)]), 20],
  'a text of many words': ['/chat/completions', chat(['so many words '.repeat(8000)]), 100],
  'many messages': ['/chat/completions', chat(Array.from({ length: 2000 }, (_, i) => `Turn ${i}`)), 2000],
  'many items': [
    '/responses',
    { model: 'gpt-4o-mini', input: chat(Array.from({ length: 1500 }, (_, i) => `Turn ${i}`)).messages },
    1500,
  ],
  'many texts to embed': [
    '/embeddings',
    embed(Array.from({ length: 400 }, (_, i) => `Text number ${i}`)),
    900,
  ],
  'many lists of tokens': [
    '/embeddings',
    embed(Array.from({ length: 400 }, (_, i) => [i, i + 1, i + 2, 7])),
    900,
  ],
};

test.for(Object.keys(LONG))(
  'others get their turn in between, and the answer is the same: %s',
  async (kind) => {
    const [path, body, leastPauses] = LONG[kind] as (typeof LONG)[string];
    let pauses = 0;
    const counting: Pause = () => {
      pauses += 1;
      return undefined;
    };
    const [alone, among] = await Promise.all([post(path, body), post(path, body, counting)]);
    expect(alone.http).toBe(200);
    expect(among).toEqual(alone);
    expect(pauses).toBeGreaterThan(leastPauses);
  },
);

test('a batch lets others have their turn at each line, read, answered and written', async () => {
  let pauses = 0;
  const clock = createVirtualClock();
  const pause = () => {
    pauses += 1;
    return undefined;
  };
  const provider = createProvider({ plan, seed: 1, clock, pause });
  const lines = Array.from({ length: 300 }, (_, i) => ({
    custom_id: `${i}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: chat([`Question ${i}`]),
  }));
  const ended = await clock.run(async () => {
    const { openai } = provider.clients();
    const file = await openai.files.create({
      purpose: 'batch',
      file: new File([lines.map((line) => JSON.stringify(line)).join('\n')], 'lines.jsonl'),
    });
    const begun = pauses;
    const { id } = await openai.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await clock.sleep(86_400_000);
    const batch = await openai.batches.retrieve(id);
    const text = await (await openai.files.content(batch.output_file_id ?? '')).text();
    return { status: batch.status, rows: text.trim().split('\n').length, pauses: pauses - begun };
  });
  expect(ended).toEqual({ status: 'completed', rows: 300, pauses: expect.any(Number) });
  expect(ended.pauses).toBeGreaterThan(4 * 300);
});

test('of all who wait for a turn one gets it each time round', async () => {
  const rounds: (() => void)[] = [];
  let nowMs = 0;
  const turns = createTurns(
    () => nowMs,
    (next) => rounds.push(next),
  );
  const seen: string[] = [];
  const work = (name: string) =>
    inTurns(
      (function* () {
        for (let step = 0; step < 4; step += 1) {
          seen.push(name);
          nowMs += 6;
          yield;
        }
      })(),
      turns,
    );
  const both = Promise.all([work('a'), work('b')]);
  for (let round = 0; round < 10; round += 1) {
    rounds.shift()?.();
    await Promise.resolve().then(() => {});
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await both;
  expect(seen.join('')).toBe('aabbaabb');
});

test('a wrong item far down a long list is named, and a list that is too long is refused', async () => {
  const messages: object[] = chat(Array.from({ length: 130 }, (_, i) => `Turn ${i}`)).messages;
  messages[123] = { role: 'user', content: 5 };
  const wrong = await post('/chat/completions', { model: 'gpt-4o-mini', messages });
  expect(wrong.error).toMatchObject({ param: 'messages[123].content', code: 'invalid_type' });
  const tools = Array.from({ length: 129 }, (_, i) => ({
    type: 'function',
    function: { name: `tool_${i}` },
  }));
  const long = await post('/chat/completions', { ...chat(['Hi']), tools });
  expect(long.error).toMatchObject({ param: 'tools', code: 'array_above_max_length' });
  const many = await post('/embeddings', embed(Array.from({ length: 2049 }, () => 'a')));
  expect(many.error).toMatchObject({ param: 'input', code: 'array_above_max_length' });
});

test('a form is read as the fetch API reads it', async () => {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('empty', '');
  form.set('a "name"', 'line 1\r\nline 2 – é');
  form.set('file', new Blob([Uint8Array.from({ length: 256 }, (_, i) => i)]), 'a "b".bin');
  const request = new Request('http://form', { method: 'POST', body: form });
  const type = request.headers.get('content-type') ?? '';
  const read = parseMultipart(Buffer.from(await request.arrayBuffer()), type);
  const file = read?.get('file');
  if (!file || typeof file === 'string') throw new Error('The file is missing.');
  expect([file.name, file.size, [...(await file.bytes())]]).toEqual([
    'a "b".bin',
    256,
    Array.from({ length: 256 }, (_, i) => i),
  ]);
  expect([read?.get('purpose'), read?.get('empty'), read?.get('a "name"')]).toEqual([
    'batch',
    '',
    'line 1\r\nline 2 – é',
  ]);
  for (const broken of ['', '--x', '--x\r\n', '--x\r\n\r\nbody', '--x\r\n\r\nbody\r\n--x--'])
    expect(parseMultipart(Buffer.from(broken), 'multipart/form-data; boundary=x')).toBeUndefined();
});

function chat(contents: readonly string[]) {
  return { model: 'gpt-4o-mini', messages: contents.map((content) => ({ role: 'user', content })) };
}

function embed(input: unknown) {
  return { model: 'text-embedding-3-small', encoding_format: 'base64', input };
}

interface Answer {
  http: number;
  error?: unknown;
}

async function post(path: string, body: object, pause?: Pause): Promise<Answer> {
  const clock = { now: () => 0, sleep: async () => {} };
  const { fetch: door } = createProvider({ plan, seed: 1, clock, ...(pause && { pause }) });
  const headers = { authorization: `Bearer ${SIMULATED_KEY}`, 'content-type': 'application/json' };
  const answer = await door(URL_ + path, { method: 'POST', headers, body: JSON.stringify(body) });
  // The moments are of the real clock.
  const wire = JSON.parse(await answer.text(), (name, value) => (/^created$|_at$/.test(name) ? 0 : value));
  return { ...wire, http: answer.status };
}
