import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Subject from '#days/day5-nodejs/1-asyncio-port/port.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';

export const CACHE_SIZE = 64;

/** A request whose answer takes about half a minute, under a deadline of five seconds. */
export const ENDLESS = 'Write the complete history of the data centre.';
export const DEADLINE_MS = 5000;

/** One unit of the situations in python/traces.py. */
const UNIT_MS = 100;

/** The situations of python/traces.py, played with the subject. */
export const corners = defineScenario({
  traffic: () => null,
  play: (subject: typeof Subject, { clock }) =>
    storagesEnded(async () => ({
      taskGroup: await taskGroup(subject, clock),
      deaf: await deafTasks(subject, clock),
      cache: await cache(subject, clock),
      deadline: await deadline(subject, clock),
      context: await context(subject, clock),
    })),
});

/** Six tasks, three at a time. The second one fails while the first and the third are under way. */
async function taskGroup({ gatherWithLimit }: typeof Subject, clock: Clock) {
  const began: string[] = [];
  const cancelled: string[] = [];
  const ended: string[] = [];
  const task =
    (name: string, units: number, fails = false) =>
    async (signal: AbortSignal) => {
      began.push(name);
      try {
        await clock.sleep(units * UNIT_MS, signal);
        if (fails) throw new Error(`${name} failed`);
      } catch (error) {
        if (signal.aborted && !fails) {
          await clock.sleep(UNIT_MS); // puts its things in order before it goes
          cancelled.push(name);
          throw new Error(`${name} was cancelled`);
        }
        throw error;
      } finally {
        ended.push(name);
      }
      return name;
    };
  const tasks = [task('a', 5), task('b', 2, true), task('c', 4), task('d', 1), task('e', 1), task('f', 1)];
  const raised = await gatherWithLimit(3, tasks).then(() => 'nothing', messageOf);
  const stillRunning = began.filter((name) => !ended.includes(name)).sort();
  const whenRaised = [...began];
  await clock.sleep(8 * UNIT_MS);
  return { began: [...began], whenRaised, cancelled: [...cancelled].sort(), raised, stillRunning };
}

/** Four tasks, two at a time, which do not listen to their signal. The second one fails while the first is under way. */
async function deafTasks({ gatherWithLimit }: typeof Subject, clock: Clock): Promise<string[]> {
  const began: string[] = [];
  const task = (name: string, units: number, fails: boolean) => async () => {
    began.push(name);
    await clock.sleep(units * UNIT_MS);
    if (fails) throw new Error(`${name} failed`);
    return name;
  };
  const tasks = [task('a', 3, false), task('b', 1, true), task('c', 1, false), task('d', 1, false)];
  await gatherWithLimit(2, tasks).catch(() => {});
  await clock.sleep(8 * UNIT_MS);
  return began;
}

/** Two places: A B A C A B one after the other, then three calls of D at once, then E, which fails, twice. */
async function cache({ lruCached }: typeof Subject, clock: Clock) {
  const loads: string[] = [];
  const load = lruCached(2, async (key) => {
    loads.push(key);
    await clock.sleep(UNIT_MS);
    if (key === 'E') throw new Error('E failed');
    return key.toLowerCase();
  });
  const values: string[] = [];
  for (const key of 'ABACAB') values.push(await load(key));
  const row = loads.splice(0);
  values.push(...(await Promise.all([load('D'), load('D'), load('D')])));
  const together = loads.splice(0);
  const errors: string[] = [];
  for (let i = 0; i < 2; i += 1) await load('E').catch((error) => errors.push(messageOf(error)));
  return { row, together, failing: [...loads], values, errors, late: await lateFailure(lruCached, clock) };
}

/** One place. A is asked for and put out by B; when A, asked for again, is there, the first call of A fails. */
async function lateFailure(lruCached: typeof Subject.lruCached, clock: Clock): Promise<string[]> {
  const loads: string[] = [];
  const load = lruCached(1, async (key) => {
    loads.push(key);
    const isFirst = loads.length === 1;
    await clock.sleep((isFirst ? 5 : 1) * UNIT_MS);
    if (isFirst) throw new Error('A failed');
    return key.toLowerCase();
  });
  const first = load('A').catch(() => {});
  await load('B');
  await load('A');
  await first;
  await clock.sleep(1);
  await load('A');
  return loads;
}

/** Work of five units under a deadline of two; work of one unit; work that fails; a client with an error of its own. */
async function deadline({ withDeadline }: typeof Subject, clock: Clock) {
  const events: string[] = [];
  const work =
    (name: string, units: number, { fails = false, ownError = false } = {}) =>
    async (signal: AbortSignal) => {
      try {
        await clock.sleep(units * UNIT_MS, signal);
      } catch (error) {
        events.push(`${name} cancelled`);
        throw ownError ? new Error('Request was aborted.') : error;
      }
      if (fails) throw new Error(`${name} failed`);
      events.push(`${name} ended`);
      return name;
    };
  const within = async (job: (signal: AbortSignal) => Promise<string>) => {
    const startMs = clock.now();
    const ended = await withDeadline(2 * UNIT_MS, job).catch((error) =>
      nameOf(error) === 'TimeoutError' ? 'TimeoutError' : messageOf(error),
    );
    return { ended, afterMs: clock.now() - startMs };
  };
  const slow = await within(work('slow', 5));
  const quick = await within(work('quick', 1));
  const broken = await within(work('broken', 1, { fails: true }));
  const sdk = await within(work('sdk', 5, { ownError: true }));
  const deaf = await within(async () => {
    await clock.sleep(5 * UNIT_MS);
    return 'late value';
  });
  await clock.sleep(8 * UNIT_MS);
  // Three calls that are done long before their deadline of a minute.
  const timersLeft = await timersLeftBy(clock, async () => {
    for (const name of ['x', 'y', 'z']) await withDeadline(60_000, work(name, 1));
    // A timer may be cleared a turn after the call has ended.
    await clock.sleep(1);
  });
  return { slow, quick, broken, sdk, deaf, events, timersLeft };
}

/** Three requests that take turns; each asks three times who it is. */
async function context({ requestContext }: typeof Subject, clock: Clock) {
  const id = requestContext<string>();
  const deep = async () => {
    await clock.sleep(UNIT_MS);
    return id.get();
  };
  const request = (name: string) =>
    id.run(name, async () => {
      const seen = [id.get()];
      await clock.sleep(UNIT_MS);
      seen.push(id.get());
      seen.push(await deep());
      return seen.join(' ');
    });
  const lines = await Promise.all(['r1', 'r2', 'r3'].map(request));
  return { lines, outside: id.get() ?? '-' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

/**
 * Ends the AsyncLocalStorages that a subject has made. Before Node 24 each one that was ever used costs time at every
 * promise of the process, so that those of one subject would slow down the next.
 */
export async function storagesEnded<T>(body: () => Promise<T>): Promise<T> {
  const { run, enterWith } = AsyncLocalStorage.prototype;
  const used = new Set<AsyncLocalStorage<unknown>>();
  AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: unknown[]) {
    used.add(this);
    return Reflect.apply(run, this, args);
  } as typeof run;
  AsyncLocalStorage.prototype.enterWith = function (store) {
    used.add(this);
    enterWith.call(this, store);
  };
  try {
    return await body();
  } finally {
    Object.assign(AsyncLocalStorage.prototype, { run, enterWith });
    for (const storage of used) storage.disable();
  }
}
