import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import type { Provider } from '../provider.ts';
import { isLost } from '../wire.ts';
import { preflight, say, send } from './node-answer.ts';
import { Departure, headersOf, PATIENCE, type Patience, receive, targetOf } from './node-request.ts';

export interface ServeOptions {
  /** 0 takes a free port. */
  port: number;
  /** Default: 127.0.0.1, so that nobody else can reach it. */
  host?: string;
  /** The key that clients must show. Default: any key will do. */
  key?: string;
  onRequest?: (seen: SeenRequest) => void;
  /** Told of each connection when it is opened. */
  onConnection?: (socket: Socket) => void;
  /** Default: `PATIENCE`. */
  patience?: Partial<Patience>;
}

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
  { port, host = '127.0.0.1', key, onRequest, onConnection, patience }: ServeOptions,
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
  if (onConnection) server.on('connection', onConnection);
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

function timeouts({ requestMs, headersMs, keepAliveMs }: Patience) {
  return {
    requestTimeout: requestMs,
    headersTimeout: Math.min(headersMs, requestMs),
    keepAliveTimeout: keepAliveMs,
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

const HELP =
  'This is the simulated provider. OpenAI is under /v1/, Azure OpenAI under /openai/, metered services under /services/v1/.';
const TOO_LARGE = 'Your request is too large: the body may have 50 MB, the upload of a file 512 MB.';
