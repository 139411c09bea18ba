import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { defineScenario, quick } from '#lib/provider';
import { withQuota } from '../../provider.ts';
import { everyone, textOf } from './policy.ts';

const CLIENTS = 40;
const A_SECOND = 8;

/** Forty clients are refused in the same moment, with the same wait, by a deployment that takes eight a second. */
export const herd = defineScenario({
  provider: withQuota({ requestsPerMin: A_SECOND * 60, sliceMs: 1000 }),
  faults: [{ when: { toMs: 100 }, effect: { error: 'rate_limit', retryAfterMs: 6000 } }],
  answer: () => 'Nothing new.',
  traffic: () => Array.from({ length: CLIENTS }, (_, i) => `Client ${i}: what is new today?`),
  play({ ask, createBudget }: typeof Subject, { openai, model, clock, traffic }) {
    const policy = { attempts: 6, deadlineMs: 60_000, baseMs: 6000, budget: createBudget(0.1, 1000) };
    const asked = traffic.map((content) =>
      ask(openai, { ...quick(model), messages: [{ role: 'user', content }] }, policy).then(textOf),
    );
    return everyone(asked, clock.now);
  },
  readings: ({ ledger }) => ({
    'number of refusals': {
      unit: 'count',
      better: 'lower',
      value: ledger.totals().refused,
      // Who comes back in step is refused again at once, all but eight. Two thirds of that is not in step.
      target: CLIENTS + Math.floor(((CLIENTS - A_SECOND) * 2) / 3),
      // The first refusal spares nobody.
      limit: CLIENTS,
    },
  }),
});
