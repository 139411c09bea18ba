import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRealClock } from '#lib/clock';
import { createProvider, randomFor } from '#lib/provider';
import { type Served, serveProvider } from '../../lib/provider/doors/node.ts';
import { createTurns } from '../../lib/provider/steps.ts';

const QUICK = { ttftMs: 5, outputPerSec: 5000, p95OverP50: 1.2 };
const plan = { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', latency: QUICK } } } as const;
const BODY = { model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] };
/** Limits that a test can run into without waiting; the short times are for the one test that is about them. */
const bounds = { bodyBytes: 10_000, fileBytes: 20_000 };
const hasty = { headersMs: 150, requestMs: 300 };

let served: Served;
let impatient: Served;
beforeAll(async () => {
  const provider = createProvider({ plan, seed: 1, clock: createRealClock(), ledger: 'totals' });
  served = await serveProvider(provider, { port: 0, patience: bounds });
  impatient = await serveProvider(provider, { port: 0, patience: hasty });
});
afterAll(() => Promise.all([served.close(), impatient.close()]));

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(served.url + path, { method: 'POST', headers: { authorization: 'Bearer any', ...headers }, body });

/** What a client that writes these bytes gets back before the connection ends. */
async function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  return rawAt(served, ...parts);
}

async function rawAt({ url }: Served, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let got = '';
  socket.on('data', (bytes) => (got += bytes)).on('error', () => {});
  for (const part of parts) socket.write(part);
  await closed(socket);
  return got;
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

async function isAlive(): Promise<void> {
  expect((await post('/v1/chat/completions', JSON.stringify(BODY))).status).toBe(200);
}

test('a body over the limit gets 413, whether or not it says so beforehand', async () => {
  const large = await post('/v1/chat/completions', 'x'.repeat(10_001));
  expect([large.status, (await large.json()).error.type]).toEqual([413, 'invalid_request_error']);
  const chunked = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2711\r\n${'x'.repeat(10_001)}\r\n`;
  expect(await raw(chunked)).toMatch(/^HTTP\/1.1 413 /);
  await isAlive();
});

test('a client that sends a byte now and then is dropped, and so is one that sends nothing', async () => {
  const socket = connect(Number(new URL(impatient.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n');
  const drip = setInterval(() => socket.write('x'), 20);
  await closed(socket);
  clearInterval(drip);
  expect(await rawAt(impatient, 'GET /v1/mod')).toMatch(/^HTTP\/1.1 408 /);
  expect(await rawAt(impatient)).toMatch(/^HTTP\/1.1 408 /);
});

test('a reader that takes nothing in is dropped', async () => {
  const long = { ...BODY, max_tokens: 16_000, n: 5, stream: true };
  const provider = createProvider({
    plan: {
      deployments: {
        'gpt-4o-mini': { model: 'gpt-4o-mini', answers: { medianTokens: 5000, p95Tokens: 5001 } },
      },
    },
    seed: 1,
    clock: { now: () => 0, sleep: async () => {} },
  });
  const server = await serveProvider(provider, { port: 0, patience: { drainMs: 50 } });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').pause();
  socket.on('error', () => {});
  const body = JSON.stringify(long);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await expect.poll(() => provider.ledger.calls[0]?.outcome ?? 'open').not.toBe('open');
  await expect.poll(() => connections(server)).toBe(0);
  socket.destroy();
  await server.close();
});

const connections = (server: Served) => server.connections();

test('what is not HTTP, too long or cut off ends its own connection only', async () => {
  const random = randomFor('port');
  const junk = () => Buffer.from(Array.from({ length: 1 + random.int(300) }, () => random.int(256)));
  const starts = [
    '',
    'GET ',
    'POST /v1/files HTTP/1.1\r\n',
    'GET //: HTTP/1.1\r\nhost: x\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  ];
  await Promise.all(
    Array.from({ length: 100 }, () => rawAt(impatient, random.pick(starts), junk(), '\r\n\r\n')),
  );
  expect(await raw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  await isAlive();
});

test('odd forms, methods and encodings get an answer', async () => {
  const statuses = [
    (await post('/v1/files', 'junk', { 'content-type': 'multipart/form-data' })).status,
    (await post('/v1/files', 'junk', { 'content-type': 'multipart/form-data; boundary=x' })).status,
    (await post('/v1/models/%ZZ', '')).status,
    (await fetch(`${served.url}/v1/models`, { method: 'HEAD', headers: { authorization: 'Bearer x' } }))
      .status,
    (await post('/v1/chat/completions', Buffer.from([0xff, 0xfe, 0x00]))).status,
  ];
  expect(statuses).toEqual([400, 400, 405, 200, 400]);
});

test('a file comes back byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const form = new FormData();
  form.set('purpose', 'user_data');
  form.set('file', new Blob([bytes]), 'x.bin');
  const { id, bytes: size } = await (await post('/v1/files', form)).json();
  const back = await fetch(`${served.url}/v1/files/${id}/content`, {
    headers: { authorization: 'Bearer x' },
  });
  expect([size, new Uint8Array(await back.arrayBuffer())]).toEqual([256, bytes]);
});

test('pages in a browser may call', async () => {
  const asked = { origin: 'http://localhost:5173', 'access-control-request-headers': 'authorization' };
  const preflight = await fetch(`${served.url}/v1/chat/completions`, { method: 'OPTIONS', headers: asked });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect(
    (await post('/v1/chat/completions', JSON.stringify(BODY))).headers.get('access-control-allow-origin'),
  ).toBe('*');
});

test('a connection may idle for more than a minute, so that no client writes into a closed one', async () => {
  const answer = await post('/v1/chat/completions', JSON.stringify(BODY));
  expect(answer.headers.get('keep-alive')).toBe('timeout=65');
});

test('500 clients at once are all served', async () => {
  // On a busy machine so many take longer than the limits above.
  const provider = createProvider({ plan, seed: 1, clock: createRealClock(), ledger: 'totals' });
  const patient = await serveProvider(provider, { port: 0 });
  const ask = async (i: number) => {
    const messages = [{ role: 'user', content: `${i}` }];
    const answer = await fetch(`${patient.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify({ ...BODY, stream: i % 2 === 0, messages }),
    });
    return /chatcmpl-\w+/.exec(await answer.text())?.[0];
  };
  const ids = await Promise.all(Array.from({ length: 500 }, (_, i) => ask(i)));
  await patient.close();
  expect(new Set(ids).size).toBe(500);
});

test('others get their turn while a long text without a space is counted', async () => {
  const pause = createTurns(() => performance.now(), setImmediate);
  const provider = createProvider({ plan, seed: 1, clock: createRealClock(), ledger: 'totals', pause });
  const server = await serveProvider(provider, { port: 0 });
  const send = (content: string) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify({ ...BODY, messages: [{ role: 'user', content }] }),
    });
  const order: string[] = [];
  const long = send('a'.repeat(300_000)).then((answer) => {
    order.push('long');
    return answer.status;
  });
  for (let i = 0; i < 3; i += 1) {
    await send(`short ${i}`);
    order.push('short');
  }
  expect(await long).toBe(200);
  expect(order.indexOf('long')).toBeGreaterThan(0);
  await server.close();
});
