import type * as Subject from '#days/day1-latency/1-fan-out/fan-out.ts';
import { defineScenario, modelFor, quick, type Random } from '#lib/provider';
import { provider } from '../provider.ts';

const PROMPTS = 50;
/** One ticket carries this, and the provider's policy filter answers it with 400. */
export const FLAGGED = '[raw payload attached]';

/** Fifty support tickets to summarise for the shift report; the calls are independent of each other. */
export const scenario = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FLAGGED }, effect: { error: 'invalid_prompt' } }],
  traffic: tickets,
  play: (subject: typeof Subject, { openai, model, traffic }) => subject.fanOut(openai, model, traffic),
  readings({ settledMs, traffic, quote }) {
    const calls = traffic
      .filter((prompt) => !prompt.includes(FLAGGED))
      .map(
        (content) =>
          quote('openai', { ...quick(modelFor('small')), messages: [{ role: 'user', content }] }).totalMs,
      );
    // Each answer is wanted whole, and a whole one takes so long by itself; the account has no faster model.
    const slowestMs = Math.max(...calls);
    return {
      makespan: { unit: 'ms', better: 'lower', value: settledMs, target: slowestMs * 1.2, limit: slowestMs },
    };
  },
});

/** A shift without a ticket, and one in which the same ticket came in twice. */
export const corners = defineScenario({
  provider,
  traffic: () => Array.from({ length: 2 }, () => 'Summarise for the shift report. Ticket 900: a flat tyre.'),
  async play(subject: typeof Subject, { openai, model, traffic }) {
    return {
      none: await subject.fanOut(openai, model, []),
      twins: await subject.fanOut(openai, model, traffic),
    };
  },
});

function tickets(random: Random): string[] {
  const topics = [
    'a missing refund',
    'a login loop',
    'an unreadable invoice',
    'a late delivery',
    'a wrong address',
  ];
  const flagged = random.int(PROMPTS);
  return Array.from({ length: PROMPTS }, (_, i) => {
    const ticket = `Ticket ${1000 + i}: ${random.pick(topics)}${i === flagged ? ` ${FLAGGED}` : ''}.`;
    return `Summarise for the shift report. ${ticket}`;
  });
}
