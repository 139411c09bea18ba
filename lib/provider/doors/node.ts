import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import type { StopSignal } from '../../clock/index.ts';
import { SERVICES_URL } from '../media/services.ts';
import type { Provider } from '../provider.ts';
import { SIMULATED_KEY } from '../vendors.ts';
import { bytesOf, isLost, pickHeaders, type Sink, type WireAnswer, type WireRequest } from '../wire.ts';
import { readBody } from './fetch.ts';

export interface ServeOptions {
  /** 0 takes a free port. */
  port: number;
  /** Default: 127.0.0.1, so that nobody else can reach it. */
  host?: string;
  /** The key that clients must show. Default: any key will do. */
  key?: string;
  onRequest?: (seen: SeenRequest) => void;
  /** Default: `PATIENCE`. */
  patience?: Partial<Patience>;
}

/** How long a client may take, and how much it may send. */
export interface Patience {
  /** To send a whole request. */
  requestMs: number;
  /** To send its headers, and to send anything at all after it has connected. */
  headersMs: number;
  /** To take in what was written to it. A silent answer is ours, not the client's: that has no limit. */
  drainMs: number;
  /** A body in bytes: OpenAI takes requests of 50 MB and files of 512 MB (guides on images and files). */
  bodyBytes: number;
  fileBytes: number;
}

const PATIENCE: Patience = {
  requestMs: 300_000,
  headersMs: 30_000,
  drainMs: 60_000,
  bodyBytes: 50 * 2 ** 20,
  fileBytes: 512 * 2 ** 20,
};

/** One request that was served over the port. */
export interface SeenRequest {
  method: string;
  path: string;
  status: number | 'aborted' | 'broken';
  /** Wall-clock time until the last byte. */
  tookMs: number;
}

export interface Served {
  url: string;
  /** How many clients are connected. */
  connections(): Promise<number>;
  /** Stops listening and drops what is open. */
  close(): Promise<void>;
}

/** Puts a provider behind a port. Rejects if the port cannot be had. */
export async function serveProvider(
  provider: Pick<Provider, 'answer'>,
  { port, host = '127.0.0.1', key, onRequest, patience }: ServeOptions,
): Promise<Served> {
  const limits = { ...PATIENCE, ...patience };
  const server = createServer(timeouts(limits), (request, response) => {
    const seen = follow(request, response, onRequest);
    answer(provider, request, response, limits, key).then(seen, (error) => {
      // The provider dropped the answer, or the client went away: either way the connection is all there is to end.
      const left = !isLost(error) && !response.writableEnded;
      response.destroy();
      seen(left ? 'aborted' : 'broken');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // What goes wrong with one connection must not end the process.
  server.on('error', () => {}).on('clientError', refuseGarbage);
  return {
    url: urlOf(server),
    connections: () => promisify(server.getConnections.bind(server))(),
    close: () => closeServer(server),
  };
}

function timeouts({ requestMs, headersMs }: Patience) {
  return {
    requestTimeout: requestMs,
    headersTimeout: Math.min(headersMs, requestMs),
    // How often those who are late are looked for.
    connectionsCheckingInterval: Math.max(10, Math.ceil(Math.min(headersMs / 4, 10_000))),
    maxHeaderSize: 16 * 1024,
  };
}

function urlOf(server: Server): string {
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** What is not HTTP, or too long or too slow: a word and the end of the connection. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  const status =
    {
      HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
      ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    }[error.code ?? ''] ?? '400 Bad Request';
  if (!socket.writable) return void socket.destroy();
  // A client that goes on sending is not waited for.
  socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroySoon();
}

function follow(request: IncomingMessage, response: ServerResponse, onRequest: ServeOptions['onRequest']) {
  const startMs = performance.now();
  const { method = 'GET', url: path = '/' } = request;
  response.on('error', () => {});
  return (status: SeenRequest['status']) =>
    onRequest?.({ method, path, status, tookMs: performance.now() - startMs });
}

/** Browsers may call too, from any page. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };
const CORS_LIST = Object.entries(CORS).flat();

async function answer(
  provider: Pick<Provider, 'answer'>,
  request: IncomingMessage,
  response: ServerResponse,
  limits: Patience,
  key: string | undefined,
): Promise<number> {
  if (request.method === 'OPTIONS') return preflight(request, response);
  const url = targetOf(request.url ?? '/');
  if (url === undefined) return say(response, 404, HELP, 'unknown_url');
  const body = await receive(request, limits);
  if (body === undefined) return say(response, 413, TOO_LARGE, null);
  const gone = new Departure();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const answered = provider.answer({
    method: request.method ?? 'GET',
    url,
    headers: headersOf(request, key),
    ...body,
    signal: gone,
  });
  if (!answered) return say(response, 404, HELP, 'unknown_url');
  return send(await answered, response, gone, limits);
}

/** Tells that the client went away, at a fraction of what an `AbortController` costs. */
class Departure implements StopSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = new DOMException('This operation was aborted', 'AbortError');
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** What a path on the port means at the real vendors. */
const ROADS: [prefix: string, target: string][] = [
  ['/v1/', 'https://api.openai.com/v1/'],
  ['/openai/', 'https://workbook.openai.azure.com/openai/'],
  ['/services/v1/', `${SERVICES_URL}/`],
];

function targetOf(path: string): string | undefined {
  const road = ROADS.find(([prefix]) => path.startsWith(prefix));
  return road && road[1] + path.slice(road[0].length);
}

const HELP =
  'This is the simulated provider. OpenAI is under /v1/, Azure OpenAI under /openai/, metered services under /services/v1/.';
const TOO_LARGE = 'Your request is too large: the body may have 50 MB, the upload of a file 512 MB.';

function say(response: ServerResponse, status: number, message: string, code: string | null): number {
  const error = { message, type: 'invalid_request_error', param: null, code };
  const close = status === 413 ? { connection: 'close' } : {};
  response
    .writeHead(status, { 'content-type': 'application/json', ...CORS, ...close })
    .end(`${JSON.stringify({ error })}\n`);
  return status;
}

function preflight(request: IncomingMessage, response: ServerResponse): number {
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

/** The body, or undefined for one that is too large. Text as text, which is read fastest; a form as its parts. */
async function receive(
  request: IncomingMessage,
  { bodyBytes, fileBytes }: Patience,
): Promise<Pick<WireRequest, 'text' | 'form'> | undefined> {
  const type = request.headers['content-type'] ?? '';
  const isForm = type.startsWith('multipart/');
  const most = isForm ? fileBytes : bodyBytes;
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const bytes = await collect(request, most);
  if (!bytes) return undefined;
  if (!isForm) return { text: bytes.toString() };
  const headers = { 'content-type': type };
  return readBody(new Request('http://form', { method: 'POST', headers, body: new Uint8Array(bytes) }));
}

function collect(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= most) parts.push(part);
      else {
        parts.length = 0;
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(parts.length === 1 ? parts[0] : Buffer.concat(parts)));
    request.on('error', reject).on('close', () => {
      if (!request.readableEnded) reject(new Error('The client went away.'));
    });
  });
}

/** The client's headers with its key swapped for the simulated one, if it is the right key. */
function headersOf(request: IncomingMessage, key: string | undefined): WireRequest['headers'] {
  const headers = pickHeaders((name) => request.headers[name] as string | undefined);
  const [, bearer] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined && fits(bearer, key)) headers.authorization = `Bearer ${SIMULATED_KEY}`;
  const apiKey = headers['api-key'];
  if (apiKey !== undefined && fits(apiKey, key)) headers['api-key'] = SIMULATED_KEY;
  return headers;
}

function fits(shown: string, key: string | undefined): boolean {
  return key === undefined ? shown !== '' : shown === key;
}

async function send(
  { status, headers, body }: WireAnswer,
  response: ServerResponse,
  gone: Departure,
  { drainMs }: Patience,
): Promise<number> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    // With its length known, head and body leave in one piece, which a text of single bytes makes cheap to join.
    const bytes = typeof body === 'string' ? Buffer.from(body).toString('latin1') : body;
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
