import { mkdtempSync, rmSync } from 'node:fs';
import { get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pageHtml } from '../../lib/dashboard/html.ts';
import { createDashboard } from '../../lib/dashboard/server.ts';
import { followRuns, type Tail } from '../../lib/dashboard/tail.ts';
import { appendRun } from '../../lib/workbook/runs.ts';
import { makeRecord, makeRun } from '../fixtures/run-record.ts';

const PARTS = { style: '', script: 'let a = 1;' };
let root: string;
let tail: Tail;
let server: Server;
let url: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'dashboard-'));
  tail = followRuns(root, () => {}, 10);
  server = createDashboard(PARTS, tail);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  tail.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(root, { recursive: true, force: true });
});

/** Ids of the next `count` records that are sent. */
async function recordsFrom(
  path: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const reader = new AbortController();
  const { body } = await fetch(url + path, { headers, signal: reader.signal });
  const ids: string[] = [];
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    ids.splice(0, ids.length, ...[...text.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id));
    if (ids.length >= count) break;
  }
  reader.abort();
  return ids;
}

test('records are sent as they are appended, first those that the page does not have yet', async () => {
  const first = appendRun(root, makeRun());
  const second = appendRun(root, makeRun());
  expect(await recordsFrom(`/events?after=${first.id}`, 1)).toEqual([second.id]);
  const waiting = recordsFrom(`/events?after=${second.id}`, 1);
  const third = appendRun(root, makeRun());
  expect(await waiting).toEqual([third.id]);
});

test('a reader that comes back gets what it missed; one whose last record is gone gets all', async () => {
  const ids = [1, 2, 3].map(() => appendRun(root, makeRun()).id);
  expect(await recordsFrom('/events?after=', 1, { 'last-event-id': ids[1] ?? '' })).toEqual([ids[2]]);
  expect(await recordsFrom('/events?after=gone', 3)).toEqual(ids);
});

test('a file whose older half was dropped goes on being followed', async () => {
  const first = appendRun(root, makeRun());
  const waiting = recordsFrom(`/events?after=${first.id}`, 1);
  const next = appendRun(root, makeRun(), { mostBytes: 3000 });
  expect(await waiting).toEqual([next.id]);
});

test('a name of elsewhere that leads here is refused, so is every method but GET and every other path', async () => {
  const status = await new Promise((done) =>
    get(url, { headers: { host: 'example.com' } }, (response) => done(response.resume().statusCode)),
  );
  expect(status).toBe(403);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/../package.json`)).status).toBe(404);
});

test('the page names the one script that may run, and text of a record cannot end its block', () => {
  const page = pageHtml(PARTS, [makeRecord({ message: '</script><script>alert(1)</script>' })], {
    live: true,
  });
  expect(page).toMatch(/script-src 'sha256-[\w+/=]+'/);
  expect(page).toContain("connect-src 'self'");
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(pageHtml(PARTS, [], { live: false, savedAt: 'now' })).toContain("connect-src 'none'");
});
