import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/3-single-flight/get-or-set.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
import { defineScenario, modelFor, percentile, quick, type World } from '#lib/provider';
import type * as Contract from '../contracts/get-or-set.ts';
import { provider } from '../provider.ts';

/** An answer that says for whom and when it was made. */
export interface Made {
  tenant: string;
  atMs: number;
}

/** What one caller saw. */
export interface Seen {
  tenant: string;
  askedMs: number;
  waitedMs: number;
  got?: Made;
  error?: unknown;
}

type Cache = Contract.Cache<Made>;
type Clock = World<unknown>['clock'];

export const CLIENTS = 500;
const TENANTS = ['acme', 'birch'];
export const OPTIONS = { ttlMs: 5000, graceMs: 20_000, softTimeoutMs: 200 };
/** Keys that one page reads all at once, every so often. */
const PAGE = { keys: 120, everyMs: 2000, visits: 120, ttlMs: 60_000 };
/** How long one waits who then leaves. */
export const LEAVES_MS = 100;
/** A cache may shorten a time to live by up to a fifth, and so spread what was written together. */
export const SHORTEST_LIFE = 0.8;

/** One popular question: a burst, a failure, a caller who leaves, expiry, an outage; then a page of 120 questions. */
export const scenario = defineScenario({
  provider,
  traffic: (random) => Array.from({ length: CLIENTS }, () => Math.floor(random.next() * 300)),
  async play(subject: typeof Subject, { openai, clock, ledger, traffic }) {
    const answer = (tenant: string) => async (signal?: AbortSignal) => {
      await ask(openai, `Which plans are there for ${tenant}?`, signal);
      return { tenant, atMs: clock.now() };
    };
    const callsIn = async <T>(phase: () => Promise<T>) => {
      const before = ledger.calls.length;
      const seen = await phase();
      return { seen, calls: ledger.calls.slice(before) };
    };
    return {
      burst: await callsIn(() => burst(subject.createCache(), clock, traffic, answer)),
      alike: await alike(subject.createCache(), clock),
      failure: await failure(subject.createCache(), clock),
      leaving: await callsIn(() => leaving(subject.createCache(), clock, answer('acme'))),
      abandoned: await callsIn(() => abandoned(subject.createCache(), clock, answer('acme'))),
      afterLast: await afterLast(subject.createCache(), clock),
      inGrace: await inGrace(subject.createCache(), clock),
      expiry: await callsIn(() => expiry(subject.createCache(), clock, answer('acme'))),
      outage: await outage(subject.createCache(), clock),
      page: await page(subject.createCache(), clock),
    };
  },
  readings({ outcome }) {
    const { burst, expiry, page } = outcome.value;
    const perVisit = Math.max(...page.startsByVisit.slice(1));
    // What lives for 80 to 100 % of a minute is made again within 12 s: on one of so many visits.
    const visits = ((1 - SHORTEST_LIFE) * PAGE.ttlMs) / PAGE.everyMs + 1;
    const evenly = Math.ceil(PAGE.keys / visits);
    return {
      // One for each tenant; they may not share.
      'calls for a burst of 500': {
        unit: 'count',
        better: 'lower',
        value: burst.calls.length,
        target: TENANTS.length,
        limit: TENANTS.length,
      },
      // Past the expiry a caller may wait for the soft timeout, not for the provider.
      'p95 wait once filled': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          expiry.seen.slice(1).map(({ waitedMs }) => waitedMs),
          95,
        ),
        target: OPTIONS.softTimeoutMs + 50,
        limit: 0,
      },
      'most refreshes at once': {
        unit: 'count',
        better: 'lower',
        value: perVisit,
        target: evenly * 2.5,
        limit: evenly,
      },
    };
  },
});

async function ask(openai: OpenAI, content: string, signal?: AbortSignal): Promise<void> {
  const body = { ...quick(modelFor('small')), messages: [{ role: 'user' as const, content }] };
  await openai.chat.completions.create(body, { maxRetries: 0, signal });
}

/** One caller: what it got and how long it waited. Nobody waits longer than a minute. */
async function call(
  cache: Cache,
  clock: Clock,
  make: (signal: AbortSignal) => Promise<Made>,
  {
    tenant = 'acme',
    key = 'plans',
    ...options
  }: Partial<Contract.GetOptions> & Partial<Contract.CacheKey> = {},
): Promise<Seen> {
  const seen: Seen = { tenant, askedMs: clock.now(), waitedMs: 0 };
  const patience = clock.sleep(60_000).then(() => {
    throw new Error('no answer for a minute');
  });
  try {
    seen.got = await Promise.race([
      cache.getOrSet({ tenant, key }, make, { ...OPTIONS, ...options }),
      patience,
    ]);
  } catch (error) {
    seen.error = error;
  }
  patience.catch(() => {});
  seen.waitedMs = clock.now() - seen.askedMs;
  return seen;
}

function burst(
  cache: Cache,
  clock: Clock,
  arrivals: number[],
  answer: (tenant: string) => (signal: AbortSignal) => Promise<Made>,
): Promise<Seen[]> {
  return Promise.all(
    arrivals.map(async (afterMs, i) => {
      const tenant = TENANTS[i % TENANTS.length] as string;
      await clock.sleep(afterMs);
      return call(cache, clock, answer(tenant), { tenant });
    }),
  );
}

/** What stands between tenant and question where they are glued together. */
const GLUES = ['', ':', '/', '|', '-', '_', ' ', '\n', '\0', '","'];

/** Pairs of tenants and questions that are different and read alike when they are glued together. */
async function alike(cache: Cache, clock: Clock): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const [i, glue] of GLUES.entries())
    for (const [tenant, key] of [
      [`acme${i}${glue}eu`, 'plans'],
      [`acme${i}`, `eu${glue}plans`],
    ] as const)
      seen.push(await call(cache, clock, async () => ({ tenant, atMs: clock.now() }), { tenant, key }));
  return seen;
}

/** The first attempt fails; ten callers wait for it. A second later somebody asks again. */
async function failure(cache: Cache, clock: Clock) {
  let attempts = 0;
  const make = async (): Promise<Made> => {
    attempts += 1;
    const fails = attempts === 1;
    await clock.sleep(300);
    if (fails) throw new Error('503 from the provider');
    return { tenant: 'acme', atMs: clock.now() };
  };
  const first = await Promise.all(Array.from({ length: 10 }, () => call(cache, clock, make)));
  await clock.sleep(1000);
  return { first, again: await call(cache, clock, make), attempts };
}

/** Ten wait for one answer, and the one who asked first leaves after 100 ms. */
async function leaving(cache: Cache, clock: Clock, make: (signal: AbortSignal) => Promise<Made>) {
  const first = getAndLeave(cache, clock, make);
  await clock.sleep(10);
  const others = Array.from({ length: 9 }, () => call(cache, clock, make));
  return { first: await first, others: await Promise.all(others) };
}

/** Two wait for one answer, and both leave. */
function abandoned(cache: Cache, clock: Clock, make: (signal: AbortSignal) => Promise<Made>) {
  return Promise.all([getAndLeave(cache, clock, make), getAndLeave(cache, clock, make)]);
}

/** The only one who waits leaves; in the next moment another one asks. */
async function afterLast(cache: Cache, clock: Clock): Promise<Seen> {
  const make = async (signal: AbortSignal): Promise<Made> => {
    await clock.sleep(1000, signal);
    return { tenant: 'acme', atMs: clock.now() };
  };
  const user = new AbortController();
  const left = cache.getOrSet({ tenant: 'acme', key: 'plans' }, make, { ...OPTIONS, signal: user.signal });
  left.catch(() => {});
  await clock.sleep(LEAVES_MS);
  user.abort(new Error('the user left'));
  return call(cache, clock, make);
}

/** Leaves while an old answer could be shown and the new one is waited for. */
async function inGrace(cache: Cache, clock: Clock) {
  const make = async (): Promise<Made> => {
    await clock.sleep(2000);
    return { tenant: 'acme', atMs: clock.now() };
  };
  await call(cache, clock, make);
  await clock.sleep(OPTIONS.ttlMs);
  return getAndLeave(cache, clock, make);
}

function getAndLeave(cache: Cache, clock: Clock, make: (signal: AbortSignal) => Promise<Made>) {
  return callAndLeave(clock, LEAVES_MS, (signal) =>
    cache.getOrSet({ tenant: 'acme', key: 'plans' }, make, { ...OPTIONS, signal }),
  );
}

/** Somebody asks every half second for a minute; the answer is fresh for five seconds. */
async function expiry(
  cache: Cache,
  clock: Clock,
  make: (signal: AbortSignal) => Promise<Made>,
): Promise<Seen[]> {
  const seen = [call(cache, clock, make)];
  await seen[0];
  for (let i = 0; i < 120; i += 1) {
    seen.push(call(cache, clock, make));
    await clock.sleep(500);
  }
  return Promise.all(seen);
}

/**
 * Somebody asks every second. The provider is down for 40 s, so that the answer outlives its grace; then it is back; then
 * it hangs for 10 s.
 */
async function outage(cache: Cache, clock: Clock) {
  const startMs = clock.now();
  const make = async (): Promise<Made> => {
    const atMs = clock.now() - startMs;
    await clock.sleep(atMs >= 60_000 && atMs < 70_000 ? 10_000 : 100);
    if (atMs >= 2000 && atMs < 42_000) throw new Error('503 from the provider');
    return { tenant: 'acme', atMs: clock.now() };
  };
  const seen: Promise<Seen>[] = [];
  for (let i = 0; i < 85; i += 1) {
    seen.push(call(cache, clock, make));
    await clock.sleep(1000);
  }
  return { startMs, seen: await Promise.all(seen) };
}

/** A page reads 120 answers at once, every two seconds for four minutes. They were all made at the first visit. */
async function page(cache: Cache, clock: Clock) {
  const startsByVisit: number[] = [];
  const madeMs = Array.from({ length: PAGE.keys }, () => [] as number[]);
  for (let visit = 0; visit < PAGE.visits; visit += 1) {
    startsByVisit.push(0);
    for (let i = 0; i < PAGE.keys; i += 1) {
      const make = async (): Promise<Made> => {
        startsByVisit[visit] = (startsByVisit[visit] ?? 0) + 1;
        madeMs[i]?.push(clock.now());
        await clock.sleep(50);
        return { tenant: 'acme', atMs: clock.now() };
      };
      const of = { tenant: 'acme', key: `question ${i}` };
      cache.getOrSet(of, make, { ...OPTIONS, ttlMs: PAGE.ttlMs }).catch(() => {});
    }
    await clock.sleep(PAGE.everyMs);
  }
  const lives = madeMs.flatMap((times) => times.slice(1).map((ms, i) => ms - (times[i] as number)));
  // A page is read every other second, so that an answer can be that much older when it is made again.
  const longestLife = (Math.max(...lives) - PAGE.everyMs) / PAGE.ttlMs;
  const shortestLife = Math.min(...lives) / PAGE.ttlMs;
  return { startsByVisit, shortestLife, longestLife, refreshes: lives.length };
}
