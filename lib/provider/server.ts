import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVICES_URL } from './media/services.ts';
import type { Provider } from './provider.ts';
import { SIMULATED_KEY } from './vendors.ts';

export interface ServeOptions {
  /** 0 takes a free port. */
  port: number;
  /** Default: 127.0.0.1, so that nobody else can reach it. */
  host?: string;
  /** The key that clients must show. Default: any key will do. */
  key?: string;
  onRequest?: (seen: SeenRequest) => void;
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
  /** Stops listening and drops what is open. */
  close(): Promise<void>;
}

/** What a path on the port means at the real vendors. */
const ROADS: [prefix: string, target: string][] = [
  ['/v1/', 'https://api.openai.com/v1/'],
  ['/openai/', 'https://workbook.openai.azure.com/openai/'],
  ['/services/v1/', `${SERVICES_URL}/`],
];

/** Puts a provider behind a port. Rejects if the port cannot be had. */
export async function serveProvider(provider: Provider, options: ServeOptions): Promise<Served> {
  const { port, host = '127.0.0.1' } = options;
  const server = createServer((request, response) => void answer(provider, options, request, response));
  // A stalled answer may be silent for minutes on purpose.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  provider: Provider,
  { key, onRequest }: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startMs = performance.now();
  const { method = 'GET', url: path = '/' } = request;
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const tell = (status: SeenRequest['status']) =>
    onRequest?.({ method, path, status, tookMs: performance.now() - startMs });
  try {
    const target = targetOf(path);
    if (!target) return say(response, 404, HELP, tell);
    const body = await readBody(request);
    const answered = await provider.fetch(target, {
      method,
      headers: headersOf(request, key),
      signal: gone.signal,
      ...(body && { body }),
    });
    await send(answered, response);
    tell(answered.status);
  } catch {
    // The provider dropped the answer, or the client went away: either way the connection is all there is to end.
    const left = gone.signal.aborted && !response.writableEnded;
    response.destroy();
    tell(left ? 'aborted' : 'broken');
  }
}

const HELP =
  'This is the simulated provider. OpenAI is under /v1/, Azure OpenAI under /openai/, metered services under /services/v1/.';

function say(
  response: ServerResponse,
  status: number,
  message: string,
  tell: (status: number) => void,
): void {
  const error = { message, type: 'invalid_request_error', param: null, code: 'unknown_url' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify({ error })}\n`);
  tell(status);
}

function targetOf(path: string): string | undefined {
  const road = ROADS.find(([prefix]) => path.startsWith(prefix));
  return road && road[1] + path.slice(road[0].length);
}

/** Text as text, which the provider reads fastest; anything else as bytes. */
async function readBody(request: IncomingMessage): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  if (parts.length === 0) return undefined;
  const bytes = Buffer.concat(parts);
  return request.headers['content-type']?.startsWith('multipart/') ? new Uint8Array(bytes) : bytes.toString();
}

/** The client's headers with its key swapped for the simulated one, if it is the right key. */
function headersOf(request: IncomingMessage, key: string | undefined): Headers {
  const headers = new Headers();
  for (const name of PASSED_ON) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const fits = (shown: string) => (key === undefined ? shown !== '' : shown === key);
  const bearer = headers.get('authorization')?.replace(/^Bearer /, '');
  if (bearer !== undefined && fits(bearer)) headers.set('authorization', `Bearer ${SIMULATED_KEY}`);
  const apiKey = headers.get('api-key');
  if (apiKey !== null && fits(apiKey)) headers.set('api-key', SIMULATED_KEY);
  return headers;
}

/** The headers that the provider reads. */
const PASSED_ON = ['authorization', 'api-key', 'content-type', 'x-stainless-retry-count'];

async function send(answered: Response, response: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(answered.headers);
  if (!headers['content-type']?.startsWith('text/event-stream')) {
    const isText = headers['content-type']?.startsWith('application/json');
    const body = isText ? await answered.text() : Buffer.from(await answered.arrayBuffer());
    // With its length known, head and body leave in one piece.
    response.writeHead(answered.status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return;
  }
  response.writeHead(answered.status, headers).flushHeaders();
  const reader = answered.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
    response.write(read.value);
  response.end();
}
