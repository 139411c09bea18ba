import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf, type Sink, type WireAnswer } from '../wire.ts';
import type { Departure, Patience } from './node-request.ts';

/** Browsers may call too, from any page. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };
const CORS_LIST = Object.entries(CORS).flat();

export function say(response: ServerResponse, status: number, message: string, code: string | null): number {
  const error = { message, type: 'invalid_request_error', param: null, code };
  const close = status === 413 ? { connection: 'close' } : {};
  response
    .writeHead(status, { 'content-type': 'application/json', ...CORS, ...close })
    .end(`${JSON.stringify({ error })}\n`);
  return status;
}

export function preflight(request: IncomingMessage, response: ServerResponse): number {
  response
    .writeHead(204, {
      ...CORS,
      'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '86400',
    })
    .end();
  return 204;
}

export async function send(
  { status, headers, body }: WireAnswer,
  response: ServerResponse,
  gone: Departure,
  { drainMs }: Patience,
): Promise<number> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? bytesToSend(body) : body;
    const head = headerList(headers);
    head.push('content-length', String(bytes.length));
    response.writeHead(status, head).end(bytes, 'latin1');
    return status;
  }
  response.writeHead(status, headerList(headers)).flushHeaders();
  await new Promise<void>((resolve, reject) => {
    const stop = body.flow(sinkOf(response, drainMs, resolve, reject));
    gone.addEventListener('abort', () => stop(gone.reason));
  });
  return status;
}

/** With its length known, head and body leave in one piece, which a text of single bytes makes cheap to join. */
function bytesToSend(text: string): string | Buffer {
  const bytes = Buffer.from(text);
  return bytes.length < LONG ? bytes.toString('latin1') : bytes;
}

const LONG = 100_000;

/** Names and values turn about, as they are written: one object made of several is slow to make and to read. */
function headerList(headers: WireAnswer['headers']): string[] {
  const list: string[] = [];
  for (const name in headers) list.push(name, headers[name] as string);
  list.push(...CORS_LIST);
  return list;
}

/** Writes to a client, and drops one that does not take in what it gets. */
function sinkOf(
  response: ServerResponse,
  drainMs: number,
  resolve: () => void,
  reject: (error: unknown) => void,
): Sink {
  let late: NodeJS.Timeout | undefined;
  const drained = () => {
    clearTimeout(late);
    late = undefined;
  };
  response.on('drain', drained).once('close', drained);
  return {
    write(text) {
      let room = true;
      for (const bytes of bytesOf(text)) room = response.write(bytes);
      if (!room) late ??= setTimeout(() => response.destroy(), drainMs);
    },
    end() {
      response.end();
      resolve();
    },
    fail: reject,
  };
}
