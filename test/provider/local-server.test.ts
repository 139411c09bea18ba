import { once } from 'node:events';
import { request as ask, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createLocalServer } from '../../lib/provider/local-server.ts';
import { randomFor } from '../../lib/provider/random.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

async function listening(server: Server): Promise<number> {
  open.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const hello = (options = {}) =>
  listening(createLocalServer(({ pathname, response }) => void response.end(`at ${pathname}`), options));

/** The status of an answer to bytes as they stand; 0 when the connection was closed without one. */
async function statusOf(port: number, bytes: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  socket.end(Buffer.from(bytes, 'latin1'));
  await once(socket, 'close');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
}

const HEAD = 'Host: 127.0.0.1\r\nConnection: close\r\n\r\n';

test.each([
  ['a plain one', `GET / HTTP/1.1\r\n${HEAD}`, 200],
  ['two slashes and a colon', `GET //: HTTP/1.1\r\n${HEAD}`, 200],
  ['the same for another host', 'GET //: HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n', 403],
  ['no host', 'GET / HTTP/1.0\r\n\r\n', 403],
  ['a whole address', `GET http://evil.com/ HTTP/1.1\r\n${HEAD}`, 400],
  ['a broken escape', `GET /%ZZ?%E0%A4%A HTTP/1.1\r\n${HEAD}`, 200],
  ['another method', `DELETE / HTTP/1.1\r\n${HEAD}`, 405],
  ['a body', `GET / HTTP/1.1\r\nContent-Length: 3\r\n${HEAD}abc`, 413],
  ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${HEAD}`, 431],
  ['no HTTP at all', '\u0000\u0001\u0002\r\n\r\n', 400],
])('a request with %s is answered', async (_, bytes, status) => {
  expect(await statusOf(await hello(), bytes)).toBe(status);
});

test('no bytes of any kind end the process, and the next request is answered', async () => {
  const port = await hello();
  const random = randomFor(1, 'fuzz');
  const seed = `GET /a/../b?c=%41#d HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-\r\n${HEAD}`;
  for (let round = 0; round < 300; round += 1) {
    const bytes = [...seed];
    for (let edit = 0; edit < 1 + random.next() * 6; edit += 1)
      bytes[Math.floor(random.next() * bytes.length)] = String.fromCharCode(Math.floor(random.next() * 256));
    await statusOf(port, bytes.join(''));
  }
  expect(await statusOf(port, `GET / HTTP/1.1\r\n${HEAD}`)).toBe(200);
});

test('what the answer throws becomes a 500, and is told', async () => {
  const told: unknown[] = [];
  const fail = async () => {
    throw new Error('no');
  };
  const port = await listening(createLocalServer(fail, { onError: (error) => void told.push(error) }));
  expect(await statusOf(port, `GET / HTTP/1.1\r\n${HEAD}`)).toBe(500);
  expect(told).toEqual([new Error('no')]);
});

test.each([
  ['sends a byte now and then', 'G'],
  ['sends nothing', ''],
])('a client that %s is dropped when its time is over', async (_, byte) => {
  const socket = connect(await hello({ requestMs: 100 }), '127.0.0.1');
  const dropped = new Promise((done) =>
    socket
      .resume()
      .on('error', () => {})
      .on('close', done),
  );
  const slow = setInterval(() => socket.write(byte), 20);
  await dropped;
  clearInterval(slow);
});

test('five hundred clients at once are answered', async () => {
  const port = await hello();
  const one = async () => {
    const asked = ask({ port, host: '127.0.0.1', path: '/x', agent: false }).end();
    const [response] = await once(asked, 'response');
    response.resume();
    return response.statusCode;
  };
  const statuses = await Promise.all(Array.from({ length: 500 }, one));
  expect(statuses.filter((status) => status === 200)).toHaveLength(500);
});
