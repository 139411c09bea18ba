import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import { IDLE_MS, inAMinute, KEEP_ALIVE_MS, start } from './wire.ts';

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
      left: await left(subject, clock),
      wakes: await wakes(subject, clock),
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
export async function cancelled(subject: typeof Subject, clock: Clock) {
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
  if (second === 'stuck') return { answers: ['stuck'], size: pool.size, closed: server.closed };
  second.wire.open = false;
  server.now -= 1;
  pool.release(second.wire);
  const third = await inAMinute(clock, ask());
  const answers = [second.answer, third === 'stuck' ? 'stuck' : third.answer];
  return { answers, size: pool.size, closed: server.closed };
}

/** What comes of a request after each pause: idleMs is 4 s, the server's keep-alive 4.5 s. */
async function idle(subject: typeof Subject, clock: Clock) {
  const after = async (pauseMs: number) => {
    const { pool, server } = start(subject, clock, 2);
    const first = await pool.acquire();
    await first.request('before the pause');
    pool.release(first);
    await clock.sleep(pauseMs);
    const second = await inAMinute(clock, pool.acquire());
    if (second === 'stuck') return { answer: 'stuck', handshakes: 0, closed: 0 };
    const answer = await second.request('after the pause').catch((error: Error) => error.message);
    return { answer, handshakes: server.handshakes, closed: server.closed };
  };
  return {
    lost: await after(KEEP_ALIVE_MS + 100),
    exact: await after(IDLE_MS),
    short: await after(IDLE_MS - 1),
  };
}

/** One place. The second caller gives up while waiting, or before it calls; the third wants the place. */
async function gaveUp(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 1);
  const first = await pool.acquire();
  const before = callAndLeave(clock, 'before', (signal) => pool.acquire(signal));
  const second = callAndLeave(clock, 50, (signal) => pool.acquire(signal));
  const third = callAndLeave(clock, 'after', (signal) => pool.acquire(signal));
  await clock.sleep(100);
  pool.release(first);
  const got = { before: await before, second: await second, third: await third };
  return { ...got, waiting: pool.waiting };
}

/** One place. Who has its connection leaves, and later who is having one opened for it. Who comes behind is served. */
async function left(subject: typeof Subject, clock: Clock) {
  const { pool } = start(subject, clock, 1);
  const first = await pool.acquire();
  const user = new AbortController();
  const second = pool.acquire(user.signal);
  const third = pool.acquire();
  await clock.sleep(10);
  pool.release(first);
  const held = await inAMinute(clock, second);
  user.abort(new Error('the user left'));
  if (held !== 'stuck') pool.release(held);
  const afterGrant = (await inAMinute(clock, third)) !== 'stuck';

  const opening = start(subject, clock, 1);
  const taken = await opening.pool.acquire();
  const other = new AbortController();
  // It may be let go at once, or get its connection and give it back.
  const fourth = opening.pool.acquire(other.signal).then(
    (wire) => opening.pool.release(wire),
    () => {},
  );
  const fifth = opening.pool.acquire();
  opening.pool.release(taken, true);
  await clock.sleep(10);
  other.abort(new Error('the user left'));
  await inAMinute(clock, fourth);
  const whileOpening = (await inAMinute(clock, fifth)) !== 'stuck';
  return { afterGrant, whileOpening, size: opening.pool.size, waiting: opening.pool.waiting };
}

/** One place, and somebody waits when it is given back broken, or dead. */
async function wakes(subject: typeof Subject, clock: Clock) {
  const after = async (isBroken: boolean) => {
    const { pool, server } = start(subject, clock, 1);
    const first = await pool.acquire();
    const waits = pool.acquire();
    await clock.sleep(10);
    if (!isBroken) {
      first.open = false;
      server.now -= 1;
    }
    pool.release(first, isBroken);
    const second = await inAMinute(clock, waits);
    if (second === 'stuck') return { answer: 'stuck', closed: server.closed, peak: server.peak };
    const answer = await second.request('ping').catch((error: Error) => error.message);
    return { answer, closed: server.closed, peak: server.peak };
  };
  return { broken: await after(true), dead: await after(false) };
}

/** The first handshake is refused; then all is well. */
async function refused(subject: typeof Subject, clock: Clock) {
  const { pool, server } = start(subject, clock, 1);
  server.failNext = true;
  const ask = () =>
    pool.acquire().then(
      () => 'a connection',
      (error: Error) => error.message,
    );
  const [first, second] = [ask(), ask()];
  const got = { first: await inAMinute(clock, first), second: await inAMinute(clock, second) };
  return { ...got, size: pool.size };
}
