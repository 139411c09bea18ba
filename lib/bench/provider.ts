import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { getResponse, HttpResponse, http } from 'msw';
import OpenAI from 'openai';
import { type Clock, createVirtualClock } from '../clock/index.ts';
import { createProvider, type Provider, SIMULATED_KEY } from '../provider/index.ts';

/** One figure of the benchmark: ours beside a baseline that ran in the same process, turn about. */
export interface BenchRow {
  name: string;
  unit: 'requests/s' | 'ms/request' | 'MB';
  ours: number;
  baseline: number | null;
  /** Ours as a multiple of the baseline. */
  ratio: number | null;
  /** The least ratio that is aimed at. */
  aim: number | null;
}

const URL_ = 'https://api.openai.com/v1/chat/completions';
const PLAN = { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini' } } } as const;
const CONCURRENCY = 50;
const ROUNDS = 5;

/** All figures about the provider, in about a minute. `say` is told what is being measured. */
export async function benchProvider(say: (text: string) => void = () => {}): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const add = (row: BenchRow) => {
    rows.push(row);
    return row;
  };
  const answer = await sampleAnswer();
  for (const waits of [false, true]) {
    const how = waits ? 'both waiting in virtual time' : 'neither waiting';
    say(`in process, ${how}`);
    const handler = trivialHandler(answer, waits);
    add(await duel(`against a trivial MSW handler, ${how}`, 0.8, 4000, direct(waits), handler));
    say(`under the SDK, ${how}`);
    add(
      await duel(
        `under the SDK, against a trivial fetch, ${how}`,
        0.4,
        3000,
        sdk(waits),
        sdkTrivial(answer, waits),
      ),
    );
  }
  const ours = await overLoopback('provider');
  for (const [kind, name, aim] of [
    ['trivial', 'a trivial node:http server', null],
    ['aimock', '@copilotkit/aimock', 1.5],
  ] as const) {
    say(`over loopback, beside ${name}`);
    const other = await overLoopback(kind);
    add(await duel(`loopback, against ${name}`, aim, 3000, ours, other));
    other.close();
  }
  ours.close();
  for (const count of [1000, 10_000, 100_000]) {
    say(`${count} requests with a ledger of totals`);
    rows.push(...(await scale(count)));
  }
  return rows;
}

/** A way to get one answer, many times over. */
interface Contender {
  /** Sends so many requests, some at a time; resolves when all are answered. */
  send(count: number): Promise<void>;
}

/** Both run turn about, so that a busy machine slows both; the middle of several rounds counts. */
async function duel(
  name: string,
  aim: number | null,
  count: number,
  ours: Contender,
  baseline: Contender,
): Promise<BenchRow> {
  await ours.send(count / 4);
  await baseline.send(count / 4);
  const rates: [ours: number, baseline: number][] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rates.push([await rate(ours, count), await rate(baseline, count)]);
  const middle = rates.sort((a, b) => a[0] / a[1] - b[0] / b[1])[Math.floor(ROUNDS / 2)] as [number, number];
  return {
    name,
    unit: 'requests/s',
    ours: middle[0],
    baseline: middle[1],
    ratio: middle[0] / middle[1],
    aim,
  };
}

async function rate({ send }: Contender, count: number): Promise<number> {
  const startMs = performance.now();
  await send(count);
  return (count / (performance.now() - startMs)) * 1000;
}

/** `performance.now` is virtual while a virtual clock runs, so real time is taken outside of it. */
async function spread(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await one(next);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

function bodyOf(index: number): { model: string; messages: { role: 'user'; content: string }[] } {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Question ${index % 500}` }] };
}

function requestOf(index: number): RequestInit {
  const headers = { authorization: `Bearer ${SIMULATED_KEY}`, 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(bodyOf(index)) };
}

function freshProvider(clock: Clock): Provider {
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

function direct(waits: boolean): Contender {
  return {
    send: (count) =>
      timed(waits, (clock) => {
        const { fetch: door } = freshProvider(clock);
        return spread(count, async (i) => (await door(URL_, requestOf(i))).json());
      }),
  };
}

/** One answer of the simulator, for baselines to repeat. */
async function sampleAnswer(): Promise<Record<string, string>> {
  return (await freshProvider(NO_WAIT).fetch(URL_, requestOf(1))).json();
}

/** How long a baseline waits, where it does: about as long as an answer takes. */
function waitOf(index: number): number {
  return 700 + ((index * 37) % 500);
}

function trivialHandler(answer: Record<string, string>, waits: boolean): Contender {
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

function sdk(waits: boolean): Contender {
  return {
    send: (count) =>
      timed(waits, (clock) => {
        const { openai } = freshProvider(clock).clients();
        return spread(count, (i) => openai.chat.completions.create(bodyOf(i)));
      }),
  };
}

function sdkTrivial(answer: object, waits: boolean): Contender {
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

/** A server in a process of its own, so that neither its garbage nor its journal slows the others. */
async function overLoopback(kind: string): Promise<Contender & { close(): void }> {
  const file = fileURLToPath(new URL('./served.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const target = `${String(said).trim()}/v1/chat/completions`;
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  return {
    close: () => {
      agent.destroy();
      child.kill();
    },
    send: (count) => spread(count, (i) => post(target, agent, requestOf(i))),
  };
}

/** The cheapest client that there is, so that the servers make the difference. */
function post(target: string, agent: Agent, { headers, body }: RequestInit): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      target,
      { method: 'POST', agent, headers: headers as Record<string, string> },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`The server answered ${answer.statusCode}.`));
        answer.resume().once('end', resolve);
      },
    );
    sent.once('error', reject).end(body);
  });
}

async function scale(count: number): Promise<BenchRow[]> {
  const before = heapMb();
  const clock = createVirtualClock();
  const provider = freshProvider(clock);
  const { fetch: door } = provider;
  const startMs = performance.now();
  await clock.run(() => spread(count, async (i) => (await door(URL_, requestOf(i))).json()));
  const perRequest = (performance.now() - startMs) / count;
  const grown = heapMb() - before;
  if (provider.ledger.totals().answered !== count) throw new Error('The benchmark lost a request.');
  const none = { baseline: null, ratio: null, aim: null };
  return [
    { name: `${count} requests: time each`, unit: 'ms/request', ours: perRequest, ...none },
    { name: `${count} requests: memory that stays`, unit: 'MB', ours: grown, ...none },
  ];
}

function heapMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
