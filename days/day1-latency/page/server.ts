import { readFile } from 'node:fs/promises';
import type { Server, ServerResponse } from 'node:http';
import { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';
import type * as Subject from '#days/day1-latency/2-streaming/stream-answer.ts';
import { type Clock, createRealClock } from '#lib/clock';
import { createProvider, type Ledger, modelFor, quick } from '#lib/provider';
import { createLocalServer, type LocalVisit } from '#lib/provider/local-server.ts';
import { PROMPTS, STALL_MS, scenario } from '../2-streaming/scenario.ts';
import { provider as plan } from '../provider.ts';

/** What the page offers to ask: an answer that ends well, and some that do not. */
const QUESTIONS = {
  'A long answer': PROMPTS.long,
  'An answer that reaches its cap': PROMPTS.capped,
  'An answer that goes silent (5 s)': PROMPTS.stalled,
  'A connection that breaks': PROMPTS.broken,
};
const FILES: Record<string, [name: string, type: string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'none'",
};

export interface PageOptions {
  /** The time in which the provider writes. Default: real time, at the speed of a real model. */
  clock?: Clock;
  stallMs?: number;
}

/** A page that shows what `streamAnswer` streams, in front of the simulated provider. */
export function createPage(
  { streamAnswer }: Pick<typeof Subject, 'streamAnswer'>,
  { clock = createRealClock(), stallMs = STALL_MS }: PageOptions = {},
): { server: Server; ledger: Ledger } {
  const { faults = [], answer } = scenario;
  const provider = createProvider({ plan, seed: 1, clock, faults, ...(answer && { answer }) });
  const { openai } = provider.clients();
  const server = createLocalServer(route, {
    headers: HEADERS,
    onError: (error) => console.error(JSON.stringify(String(error))),
  });
  return { server, ledger: provider.ledger };

  async function route({ pathname, query, response }: LocalVisit): Promise<void> {
    const file = FILES[pathname];
    if (file) {
      const [name, type] = file;
      const body = await readFile(new URL(name, import.meta.url));
      response.writeHead(200, { ...HEADERS, 'content-type': type }).end(body);
    } else if (pathname === '/questions') sendJson(response, QUESTIONS);
    else if (pathname === '/ledger') sendJson(response, lastCall(provider.ledger));
    else if (pathname === '/answer') await relay(query.get('question') ?? '', response);
    else response.writeHead(pathname === '/favicon.ico' ? 204 : 404, HEADERS).end();
  }

  /** One answer as server-sent events: `token` for each piece, then `end`. */
  async function relay(content: string, response: ServerResponse): Promise<void> {
    const reader = new AbortController();
    // Also comes when the answer is complete; then there is nothing left to abort.
    response.on('close', () => reader.abort(new Error('The reader has gone.')));
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const send = (event: string, data: unknown) =>
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const result = await streamAnswer(
      openai,
      {
        ...quick(modelFor('small')),
        max_completion_tokens: content === PROMPTS.capped ? 20 : 2000,
        messages: [{ role: 'user', content }],
      },
      { onToken: (text) => send('token', text), signal: reader.signal, stallMs },
    );
    send('end', result);
    response.end();
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function lastCall(ledger: Ledger) {
  const call = ledger.calls.at(-1);
  return (
    (call && { outcome: call.outcome, tokens: call.tokens.output, costUsd: call.costMicroUsd / 1e6 }) ?? null
  );
}

async function main(): Promise<void> {
  process.on('uncaughtException', (error) => {
    // As JSON, so that what it says cannot move the cursor.
    console.error(
      `Your code threw where nobody waits for it: ${JSON.stringify(String(error))}. Save it to serve again.`,
    );
    process.exit(1);
  });
  const { server } = createPage(await import('#days/day1-latency/2-streaming/stream-answer.ts'));
  const port = Number(env.PORT ?? 4011);
  server.on('error', (error) => {
    console.error(`The page could not be served on port ${port}: ${error.message}. Try another: PORT=4012.`);
    process.exitCode = 1;
  });
  server.listen(port, '127.0.0.1', () => {
    console.log(`Your stream is on http://127.0.0.1:${port} (Ctrl+C ends it).`);
  });
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
