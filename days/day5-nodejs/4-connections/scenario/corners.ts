import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import { inAMinute, KEEP_ALIVE_MS, start } from './wire.ts';

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
  const second = callAndLeave(clock, 50, (signal) => pool.acquire(signal));
  const third = callAndLeave(clock, 'never', () => pool.acquire());
  await clock.sleep(100);
  pool.release(first);
  return { second: await second, third: await third };
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
