import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A request that has been looked at: a GET of this machine's own, with an address that is one. */
export interface LocalVisit {
  pathname: string;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

export interface LocalServerOptions {
  /** Sent with every answer. */
  headers?: Record<string, string>;
  /** Milliseconds after which a request that has not arrived whole is dropped. Default 10 000. */
  requestMs?: number;
  /** Told of what `answer` throws; the client gets a 500. */
  onError?(error: unknown): void;
}

/**
 * A server for pages that only this machine shows. No request of any shape reaches `answer` unchecked or ends the process:
 * another host's name gets 403, another method 405, an address that is none 400, a body 413.
 */
export function createLocalServer(
  answer: (visit: LocalVisit) => void | Promise<void>,
  { headers = {}, requestMs = 10_000, onError = () => {} }: LocalServerOptions = {},
): Server {
  const refuse = (response: ServerResponse, status: number, text: string) => {
    if (response.headersSent) return response.destroy();
    const about = { ...headers, 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
    return response.writeHead(status, about).end(`${text}\n`);
  };
  const limits = {
    ...{ requestTimeout: requestMs, headersTimeout: requestMs, keepAliveTimeout: requestMs },
    ...{ connectionsCheckingInterval: Math.min(1000, requestMs), maxHeaderSize: MOST_HEADER_BYTES },
  };
  return createServer(limits, async (request, response) => {
    // A reader that goes away in mid-answer is not an error.
    response.on('error', () => {});
    const problem = problemOf(request);
    if (problem) return refuse(response, ...problem);
    const url = addressOf(request);
    if (!url) return refuse(response, 400, 'This is no address.');
    try {
      await answer({ pathname: url.pathname, query: url.searchParams, request, response });
    } catch (error) {
      onError(error);
      refuse(response, 500, 'This could not be answered.');
    }
  });
}

// --- helpers -----------------------------------------------------------------------------------------------------

const MOST_HEADER_BYTES = 16_384;

/** A page elsewhere can point a name of its own at 127.0.0.1; its requests then carry that name. */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

function problemOf({ headers, method }: IncomingMessage): [status: number, text: string] | undefined {
  if (!OWN_HOST.test(headers.host ?? '')) return [403, 'This page is for this machine only.'];
  if (method !== 'GET') return [405, 'Only GET is answered here.'];
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    return [413, 'A request here has no body.'];
  return undefined;
}

function addressOf({ url = '/' }: IncomingMessage): URL | undefined {
  if (!url.startsWith('/')) return undefined;
  // Not as a relative address: "//:" would be read as another host.
  const address = `http://127.0.0.1${url}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}
