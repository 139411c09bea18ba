import { type AddressInfo, createServer, connect as netConnect, type Socket } from 'node:net';
import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import type { Clock } from '#lib/clock';
import { defineScenario, percentile } from '#lib/provider';

export const MAX = 5;
const HANDSHAKE_MS = 120;
const REQUEST_MS = 80;
const IDLE_MS = 4000;
/** The server closes what was idle for so long; a request that meets it there is lost. */
const KEEP_ALIVE_MS = 4500;
const REQUESTS = 200;

/** A connection in memory. Answers come in the order of the requests; what nobody read is still in the pipe. */
class Wire {
  readonly id: number;
  open = true;
  readonly #clock: Clock;
  readonly #pipe: { text: string; dueMs: number }[] = [];
  #lastUsedMs: number;

  constructor(id: number, clock: Clock) {
    this.id = id;
    this.#clock = clock;
    this.#lastUsedMs = clock.now();
  }

  /** Sends a request and reads the next answer in the pipe. An abort stops the reading, not the answer. */
  async request(text: string, signal?: AbortSignal): Promise<string> {
    if (!this.open || this.#clock.now() - this.#lastUsedMs >= KEEP_ALIVE_MS)
      throw new Error('socket hang up');
    this.#pipe.push({ text: `answer to ${text}`, dueMs: this.#clock.now() + REQUEST_MS });
    const next = this.#pipe[0];
    await this.#clock.sleep(Math.max(0, (next?.dueMs ?? 0) - this.#clock.now()), signal);
    this.#pipe.shift();
    this.#lastUsedMs = this.#clock.now();
    return next?.text ?? '';
  }
}

/** A server in memory: opens connections after a handshake and counts them. */
function createServerInMemory(clock: Clock) {
  const state = { handshakes: 0, now: 0, peak: 0, closed: 0, failNext: false };
  const connect = async () => {
    state.now += 1;
    state.peak = Math.max(state.peak, state.now);
    await clock.sleep(HANDSHAKE_MS);
    if (state.failNext) {
      state.failNext = false;
      state.now -= 1;
      throw new Error('ECONNREFUSED');
    }
    state.handshakes += 1;
    return new Wire(state.handshakes, clock);
  };
  const close = (wire: Wire) => {
    if (!wire.open) return;
    wire.open = false;
    state.now -= 1;
    state.closed += 1;
  };
  return { state, connect, close, healthy: (wire: Wire) => wire.open };
}

function start({ createPool }: typeof Subject, clock: Clock, max = MAX) {
  const server = createServerInMemory(clock);
  const { connect, close, healthy } = server;
  return { server: server.state, pool: createPool({ max, idleMs: IDLE_MS, connect, close, healthy }) };
}

/** What the promise gives, or "stuck" if nothing comes of it within a minute. */
function inAMinute<T>(clock: Clock, promise: Promise<T>): Promise<T | 'stuck'> {
  return Promise.race([promise, clock.sleep(60_000).then(() => 'stuck' as const)]);
}

/** Two hundred short requests, about twenty a second. */
export const scenario = defineScenario({
  traffic: (random) => {
    let atMs = 0;
    return Array.from({ length: REQUESTS }, () => {
      atMs += random.exponential(50);
      return Math.round(atMs);
    });
  },
  async play(subject: typeof Subject, { traffic, clock }) {
    const { pool, server } = start(subject, clock);
    const tookMs = await inAMinute(
      clock,
      Promise.all(
        traffic.map(async (atMs, i) => {
          await clock.sleep(atMs);
          const wire = await pool.acquire();
          const lost = await wire.request(`request ${i}`).then(
            () => false,
            () => true,
          );
          pool.release(wire, lost);
          return clock.now() - atMs;
        }),
      ),
    );
    return { tookMs, ...server };
  },
  readings({ outcome }) {
    const { tookMs, handshakes } = outcome.value;
    // Five, and again whenever one of them was idle for too long.
    return {
      handshakes: { unit: 'count', better: 'lower', value: handshakes, target: 3 * MAX, limit: 1 },
      'p95 of a request': {
        unit: 'ms',
        better: 'lower',
        value: tookMs === 'stuck' ? 60_000 : percentile(tookMs, 95),
        target: 140,
        limit: REQUEST_MS,
      },
    };
  },
});

/** What happens at the edges of a pool. */
export const corners = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    return {
      crowd: await crowd(subject, clock),
      line: await line(subject, clock),
      cancelled: await cancelled(subject, clock),
      dead: await dead(subject, clock),
      idle: await idle(subject, clock),
      gaveUp: await gaveUp(subject, clock),
      refused: await refused(subject, clock),
    };
  },
});

/** Twenty callers at once, three places. */
async function crowd(subject: typeof Subject, clock: Clock) {
  const { pool, server } = start(subject, clock, 3);
  const use = async () => {
    const wire = await pool.acquire();
    await wire.request('crowd');
    pool.release(wire);
  };
  const all = Promise.all(Array.from({ length: 20 }, use));
  const counted = { size: pool.size, waiting: pool.waiting };
  const ended = (await inAMinute(clock, all)) !== 'stuck';
  return { peak: server.peak, ended, counted };
}

/** One place, five callers who come one after the other. */
async function line(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 1);
  const served: number[] = [];
  const all = Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      await clock.sleep(i);
      const wire = await pool.acquire();
      served.push(i);
      await wire.request('line');
      pool.release(wire);
    }),
  );
  const ended = (await inAMinute(clock, all)) !== 'stuck';
  return { served, ended };
}

/** Anna cancels her request while its answer is on the way; Ben gets the next connection. */
async function cancelled(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 1);
  const anna = await pool.acquire();
  const user = new AbortController();
  const hers = anna.request("Anna's invoices", user.signal).catch(() => 'cancelled');
  await clock.sleep(20);
  user.abort();
  await hers;
  pool.release(anna, true);
  const got = await inAMinute(
    clock,
    (async () => {
      const wire = await pool.acquire();
      return await wire.request("Ben's profile");
    })(),
  );
  return { got };
}

/** The server closes a connection while it is idle, and another one while it is in use. */
async function dead(subject: typeof Subject, clock: Clock) {
  const { pool, server } = start(subject, clock, 1);
  const ask = async () => {
    const wire = await pool.acquire();
    const answer = await wire.request('ping').catch((error: Error) => error.message);
    return { wire, answer };
  };
  const first = await ask();
  pool.release(first.wire);
  first.wire.open = false;
  server.now -= 1;
  const second = await inAMinute(clock, ask());
  if (second === 'stuck') return { answers: ['stuck'], size: pool.size };
  second.wire.open = false;
  server.now -= 1;
  pool.release(second.wire);
  const third = await inAMinute(clock, ask());
  const answers = [second.answer, third === 'stuck' ? 'stuck' : third.answer];
  return { answers, size: pool.size };
}

/** A pause longer than idleMs and than the server's keep-alive. */
async function idle(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 2);
  const first = await pool.acquire();
  await first.request('before the pause');
  pool.release(first);
  await clock.sleep(KEEP_ALIVE_MS + 100);
  const second = await inAMinute(clock, pool.acquire());
  if (second === 'stuck') return { answer: 'stuck' };
  const answer = await second.request('after the pause').catch((error: Error) => error.message);
  return { answer };
}

/** One place. The second caller gives up while waiting; the third wants the place. */
async function gaveUp(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 1);
  const first = await pool.acquire();
  const user = new AbortController();
  const startMs = clock.now();
  const second = pool.acquire(user.signal).then(
    () => 'it got a connection',
    (reason: unknown) => ({ reason: String(reason), afterMs: clock.now() - startMs }),
  );
  const third = pool.acquire().then(() => clock.now() - startMs);
  await clock.sleep(50);
  user.abort(new Error('the user left'));
  await clock.sleep(50);
  pool.release(first);
  return { second: await inAMinute(clock, second), third: await inAMinute(clock, third) };
}

/** The first handshake is refused; then all is well. */
async function refused(subject: typeof Subject, clock: Clock) {
  const { pool, server } = start(subject, clock, 1);
  server.failNext = true;
  const first = pool.acquire().then(
    () => 'a connection',
    (error: Error) => error.message,
  );
  const second = pool.acquire().then(
    () => 'a connection',
    (error: Error) => error.message,
  );
  return { first: await inAMinute(clock, first), second: await inAMinute(clock, second) };
}

/** Forty requests, eight at a time, through four places on real sockets; one in ten is cancelled half-way. */
export async function onRealSockets({ createPool }: typeof Subject) {
  const sockets = new Set<Socket>();
  const seen = { opened: 0, peak: 0, wrong: 0, answered: 0, cancelled: 0 };
  /** Sockets that the pool holds. The server learns of a closed one a little later. */
  let held = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    seen.opened += 1;
    socket.on('data', (data) => socket.write(`answer to ${data}`));
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pool = createPool<Socket>({
    max: 4,
    idleMs: 4000,
    connect: () =>
      new Promise((resolve, reject) => {
        held += 1;
        seen.peak = Math.max(seen.peak, held);
        const socket = netConnect(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      }),
    close(socket) {
      held -= 1;
      socket.destroy();
    },
    healthy: (socket) => !socket.destroyed,
  });
  let next = 0;
  const user = async () => {
    while (next < 40) {
      const number = next++;
      const socket = await pool.acquire();
      const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
      socket.write(`request ${number}`);
      if (number % 10 === 9) {
        seen.cancelled += 1;
        pool.release(socket, true);
        continue;
      }
      if ((await answer) === `answer to request ${number}`) seen.answered += 1;
      else seen.wrong += 1;
      pool.release(socket);
    }
  };
  // Real time, and only to get on with it: what is asserted are counts.
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1500);
  });
  await Promise.race([Promise.all(Array.from({ length: 8 }, user)), stuck]);
  clearTimeout(timer);
  next = 40;
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return seen;
}
