import type { Clock } from '#lib/clock';
import type * as Contract from '../../contracts/get-or-set.ts';
import { GLUES } from '../../glues.ts';

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

export type Cache = Contract.Cache<Made>;
export type Make = (signal: AbortSignal) => Promise<Made>;

export const TENANTS = ['acme', 'birch'];
export const OPTIONS = { ttlMs: 5000, graceMs: 20_000, softTimeoutMs: 200 };
/** A cache may shorten a time to live by up to a fifth, and so spread what was written together. */
export const SHORTEST_LIFE = 0.8;

/** One caller: what it got and how long it waited. Nobody waits longer than a minute. */
export async function call(
  cache: Cache,
  clock: Clock,
  make: Make,
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

/** Clients of two tenants ask the same question within a moment. */
export function burst(
  cache: Cache,
  clock: Clock,
  arrivals: number[],
  answer: (tenant: string) => Make,
): Promise<Seen[]> {
  return Promise.all(
    arrivals.map(async (afterMs, i) => {
      const tenant = TENANTS[i % TENANTS.length] as string;
      await clock.sleep(afterMs);
      return call(cache, clock, answer(tenant), { tenant });
    }),
  );
}

/** Pairs of tenants and questions that are different and read alike when they are glued together. */
export async function alike(cache: Cache, clock: Clock): Promise<Seen[]> {
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
export async function failure(cache: Cache, clock: Clock) {
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
