import type { Server } from 'node:http';
import { createLocalServer, type LocalVisit } from '../provider/local-server.ts';
import { type PageParts, pageHtml } from './html.ts';
import type { Tail } from './tail.ts';

/** Serves the page, and the records as they come as server-sent events. Made to listen on 127.0.0.1 only. */
export function createDashboard(parts: PageParts, tail: Tail): Server {
  return createLocalServer(
    (visit) => {
      const { pathname, response } = visit;
      if (pathname === '/events') return follow(visit, tail);
      const isPage = pathname === '/';
      response.writeHead(isPage ? 200 : 404, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
      response.end(isPage ? pageHtml(parts, tail.records(), { live: true }) : 'There is only / and /events.');
    },
    { headers: HEADERS },
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Bytes that may wait for a reader that does not read. */
const MOST_WAITING = 32_000_000;

/** Every record after the one that the reader has last; all of them when that one is gone. */
function follow({ request, response, query }: LocalVisit, tail: Tail): void {
  const last = request.headers['last-event-id'] ?? query.get('after');
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
  response.write('retry: 1000\n\n');
  const send = (records: ReturnType<Tail['records']>) => {
    for (const record of records) {
      response.write(`id: ${record.id}\nevent: record\ndata: ${JSON.stringify(record)}\n\n`);
      if (response.writableLength > MOST_WAITING) return response.destroy();
    }
  };
  const records = tail.records();
  send(records.slice(records.findIndex(({ id }) => id === last) + 1));
  response.on('close', tail.subscribe(send));
}
