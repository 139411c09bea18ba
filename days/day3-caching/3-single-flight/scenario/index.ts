import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/3-single-flight/get-or-set.ts';
import { defineScenario, modelFor, percentile, quick } from '#lib/provider';
import { provider } from '../../provider.ts';
import { edges, expiry, grace, outage, overtaken, PAGE, page } from './ages.ts';
import { alike, burst, failure, OPTIONS, SHORTEST_LIFE, TENANTS } from './callers.ts';
import { abandoned, afterLast, inGrace, leaving, otherwise } from './leaving.ts';

export const CLIENTS = 500;

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
      otherwise: await otherwise(subject.createCache(), clock),
      inGrace: await inGrace(subject.createCache(), clock),
      grace: await grace(subject.createCache(), clock),
      overtaken: await overtaken(subject.createCache(), clock),
      edges: await edges(subject.createCache(), clock),
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
