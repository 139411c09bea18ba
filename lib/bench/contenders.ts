import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { getResponse, HttpResponse, http } from 'msw';
import OpenAI from 'openai';
import { type Clock, createVirtualClock } from '../clock/index.ts';
import {
  createProvider,
  modelFor,
  type Provider,
  type ProviderPlan,
  quick,
  SIMULATED_KEY,
} from '../provider/index.ts';

export const URL_ = 'https://api.openai.com/v1/chat/completions';
const PLAN: ProviderPlan = { deployments: { small: {} } };
const CONCURRENCY = 32;

/** A way to get one answer, many times over. */
export interface Contender {
  /** Sends so many requests, some at a time; resolves when all are answered. */
  send(count: number): Promise<void>;
}

/** `performance.now` is virtual while a virtual clock runs, so real time is taken outside of it. */
export async function spread(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await one(next);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

function bodyOf(index: number) {
  return {
    ...quick(modelFor('small')),
    messages: [{ role: 'user' as const, content: `Question ${index % 500}` }],
  };
}

export function requestOf(index: number): RequestInit {
  const headers = { authorization: `Bearer ${SIMULATED_KEY}`, 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(bodyOf(index)) };
}

export function freshProvider(clock: Clock): Provider {
  return createProvider({ plan: PLAN, seed: 1, clock, ledger: 'totals' });
}

/** Nothing waits: what is measured is the work of answering. */
const NO_WAIT: Clock = { now: () => performance.now(), sleep: async () => {} };

/** Runs the body on a fresh virtual clock, or without any waiting. */
async function timed(waits: boolean, body: (clock: Clock) => Promise<void>): Promise<void> {
  if (!waits) return body(NO_WAIT);
  const clock = createVirtualClock();
  await clock.run(() => body(clock));
}

export function direct(waits: boolean): Contender {
  return {
    send: (count) =>
      timed(waits, (clock) => {
        const { fetch: door } = freshProvider(clock);
        return spread(count, async (i) => (await door(URL_, requestOf(i))).json());
      }),
  };
}

/** One answer of the simulator, for baselines to repeat. */
export async function sampleAnswer(): Promise<Record<string, string>> {
  return (await freshProvider(NO_WAIT).fetch(URL_, requestOf(1))).json();
}

/** How long a baseline waits, where it does: about as long as an answer takes. */
function waitOf(index: number): number {
  return 700 + ((index * 37) % 500);
}

export function trivialHandler(answer: Record<string, string>, waits: boolean): Contender {
  return {
    send: (count) =>
      timed(waits, (clock) => {
        let seen = 0;
        const handlers = [
          http.post(URL_, async () => {
            seen += 1;
            if (waits) await clock.sleep(waitOf(seen));
            return HttpResponse.json(answer);
          }),
        ];
        return spread(count, async (i) => {
          const answered = await getResponse(handlers, new Request(URL_, requestOf(i)));
          await (answered as Response).json();
        });
      }),
  };
}

export function sdk(waits: boolean): Contender {
  return {
    send: (count) =>
      timed(waits, (clock) => {
        const { openai } = freshProvider(clock).clients();
        return spread(count, (i) => openai.chat.completions.create(bodyOf(i)));
      }),
  };
}

export function sdkTrivial(answer: object, waits: boolean): Contender {
  const body = JSON.stringify(answer);
  const headers = { 'content-type': 'application/json' };
  return {
    send: (count) =>
      timed(waits, (clock) => {
        let seen = 0;
        const door = async () => {
          seen += 1;
          if (waits) await clock.sleep(waitOf(seen));
          return new Response(body, { headers });
        };
        const openai = new OpenAI({ apiKey: SIMULATED_KEY, fetch: door });
        return spread(count, (i) => openai.chat.completions.create(bodyOf(i)));
      }),
  };
}

export interface OverLoopback extends Contender {
  /** How long the server's event loop was held at most while one request was answered, in milliseconds. */
  held(path: string, body: object): Promise<number>;
  /** What the server's memory holds once all garbage is collected, in MB. */
  heapMb(): Promise<number>;
  close(): void;
}

/** A server in a process of its own, so that neither its garbage nor its journal slows the others. */
export async function overLoopback(kind: string): Promise<OverLoopback> {
  const file = fileURLToPath(new URL('./served.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = async () => String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim();
  const url = await said();
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const tell = (what: 'held' | 'heap') => {
    child.stdin.write(`${what}\n`);
    return said();
  };
  return {
    close: () => {
      agent.destroy();
      child.kill();
    },
    send: (count) => spread(count, (i) => post(`${url}/v1/chat/completions`, agent, requestOf(i))),
    async held(path, body) {
      await tell('held');
      await post(url + path, agent, { ...requestOf(0), body: JSON.stringify(body) }, [200, 400]);
      return Number(await tell('held'));
    },
    heapMb: async () => Number(await tell('heap')),
  };
}

/** The cheapest client that there is, so that the servers make the difference. */
function post(target: string, agent: Agent, { headers, body }: RequestInit, expected = [200]): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      target,
      { method: 'POST', agent, headers: headers as Record<string, string> },
      (answer) => {
        if (!expected.includes(answer.statusCode ?? 0))
          reject(new Error(`The server answered ${answer.statusCode}.`));
        answer.resume().once('end', resolve);
      },
    );
    sent.once('error', reject).end(body);
  });
}
