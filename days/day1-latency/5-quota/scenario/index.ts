import type * as Subject from '#days/day1-latency/5-quota/quota.ts';
import { defineScenario, quick, sum } from '#lib/provider';
import { withQuota } from '../../provider.ts';
import { partOf, share, timeFor } from './bounds.ts';
import { estimate, jobs, LIMITS } from './jobs.ts';

export { corners } from './corners.ts';
export { LIMITS, type Phase } from './jobs.ts';

/**
 * A morning with one account: tickets to sort, many and short; one early ticket at 3:00 and 45 late ones at 3:50;
 * reports to write, fewer and long, with an output cap of about three times their length.
 */
export const scenario = defineScenario({
  provider: withQuota({ requestsPerMin: LIMITS.rpm, tokensPerMin: LIMITS.tpm }),
  answer: ({ prompt, random, sentences }) =>
    prompt.startsWith('Report') ? sentences(200 + random.int(60)) : 'billing',
  traffic: jobs,
  async play({ createQuota }: typeof Subject, { openai, model, clock, traffic }) {
    const quota = createQuota(LIMITS);
    const client = openai.withOptions({ maxRetries: 0 });
    await Promise.all(
      traffic.map(async ({ atMs, prompt, cap }) => {
        await clock.sleep(atMs);
        const lease = await quota.acquire(estimate(prompt, cap));
        const messages = [{ role: 'user' as const, content: prompt }];
        const answer = await client.chat.completions
          .create({ ...quick(model), messages, max_completion_tokens: cap })
          .catch(() => undefined);
        lease.settle(answer?.usage?.total_tokens ?? 0);
      }),
    );
  },
  readings(run) {
    const tickets = partOf('tickets', run);
    // A minute's worth is there at the start, and the rest comes in at the rate of the quota. The last call then runs.
    const ticketsMs = timeFor(tickets.needs.length, LIMITS.rpm) + tickets.shortestMs;

    const reports = partOf('reports', run);
    const used = sum(reports.needs.map((it) => it.used));
    // Nobody can do with less than what is used, except that the last call needs room for its whole estimate.
    const spare = Math.min(...reports.needs.map((it) => it.estimated - it.used));
    const reportsMs = timeFor(used + spare, LIMITS.tpm) + reports.shortestMs;

    const answeredTokens = sum(reports.answered.map(({ tokens }) => tokens.input + tokens.output));
    return {
      refusals: {
        unit: 'count',
        better: 'lower',
        value: run.ledger.totals().refused,
        target: 0,
        limit: 0,
      },
      'quota used, requests': share(
        { done: tickets.answered.length, tookMs: tickets.tookMs },
        { done: tickets.needs.length, tookMs: ticketsMs },
        LIMITS.rpm,
      ),
      'quota used, tokens': share(
        { done: answeredTokens, tookMs: reports.tookMs },
        { done: used, tookMs: reportsMs },
        LIMITS.tpm,
      ),
    };
  },
});
