import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type PageParts, pageHtml } from './html.ts';
import type { Tail } from './tail.ts';

/** Serves the page, and the records as they come as server-sent events. Made to listen on 127.0.0.1 only. */
export function createDashboard(parts: PageParts, tail: Tail): Server {
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (!isLocal(request)) return refuse(response, 403, 'This page is for this machine only.\n');
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET is answered here.\n');
    if (pathname === '/events') return follow(request, response, tail, searchParams.get('after'));
    if (pathname !== '/') return refuse(response, 404, 'There is only / and /events.\n');
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
    response.end(pageHtml(parts, tail.records(), { live: true }));
  });
}

// --- helpers -----------------------------------------------------------------------------------------------------

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** A page elsewhere can point a name of its own at 127.0.0.1; its requests then carry that name. */
function isLocal({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

/** Every record after the one that the reader has last; all of them when that one is gone. */
function follow(request: IncomingMessage, response: ServerResponse, tail: Tail, after: string | null): void {
  const last = request.headers['last-event-id'] ?? after;
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
  response.write('retry: 1000\n\n');
  const send = (records: ReturnType<Tail['records']>) => {
    for (const record of records)
      response.write(`id: ${record.id}\nevent: record\ndata: ${JSON.stringify(record)}\n\n`);
  };
  const records = tail.records();
  send(records.slice(records.findIndex(({ id }) => id === last) + 1));
  response.on('close', tail.subscribe(send));
}
