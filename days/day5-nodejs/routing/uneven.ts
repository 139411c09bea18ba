import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import { defineProvider, defineScenario, percentile } from '#lib/provider';
import { type Balance, balancers } from '../balancers.ts';
import type * as Contract from '../contracts/router.ts';
import { ANSWER, type Answered, arrivals, askAll, body, PACE, type Question } from './ask.ts';

/** The big one can do six times what the small one can, until it becomes slow. */
export const UNEVEN: Contract.Deployment[] = [
  { name: 'big', weight: 6 },
  { name: 'middle', weight: 3 },
  { name: 'small', weight: 1 },
];
const STRETCH_MS = 40_000;
const SLOW_FROM_MS = 5000;
const SLOWDOWN = 2.5;
const UNEVEN_MS = 10_000;
export const BALANCERS = ['round robin', 'weighted', 'latency-weighted', 'two random choices'] as const;
export type BalancerName = (typeof BALANCERS)[number];
export const CHOSEN: BalancerName = 'two random choices';

/** The two that are given, made anew, and the two of the learner; an answer of the first edition has none of these. */
function balancerOf(
  name: BalancerName,
  { byWeight, byLatency }: Partial<typeof Subject>,
): Balance | undefined {
  if (name === 'weighted') return byWeight;
  return name === 'latency-weighted' ? byLatency : balancers[name]();
}

/** The same fifty questions four times, each time with another balancer; half-way the big deployment becomes slow. */
export const uneven = defineScenario({
  provider: defineProvider({
    deployments: Object.fromEntries(
      UNEVEN.map(({ name, weight = 1 }) => [
        name,
        { ...PACE, load: { capacity: weight, slowdown: 1 }, promptCache: false },
      ]),
    ),
  }),
  faults: BALANCERS.map((_, i) => ({
    when: { fromMs: i * STRETCH_MS + SLOW_FROM_MS, toMs: (i + 1) * STRETCH_MS, deployment: 'big' },
    effect: { slowdown: SLOWDOWN },
  })),
  answer: () => ANSWER,
  traffic: (random) =>
    arrivals(random, 0, UNEVEN_MS, 5, 'uneven').map(({ atMs, prompt }): Question => ({ atMs, prompt })),
  async play(subject: typeof Subject, { clock, traffic, ...world }) {
    const byBalancer = new Map<BalancerName, Answered[]>();
    for (const [i, name] of BALANCERS.entries()) {
      await clock.sleep(i * STRETCH_MS - clock.now());
      const balance = balancerOf(name, subject);
      if (!balance) continue;
      const asked = traffic.map((question) => ({ ...question, prompt: `${name}: ${question.prompt}` }));
      const setting = { deployments: UNEVEN, balance };
      byBalancer.set(name, await askAll(subject, setting, { ...world, clock, traffic: asked }));
    }
    return byBalancer;
  },
  readings({ traffic, quote, outcome: { value } }) {
    const single = traffic.map(({ prompt }) => quote('azure', body('big', prompt)).totalMs);
    const best = traffic.map(({ prompt }) =>
      Math.min(...UNEVEN.map(({ name }) => quote('azure', body(name, `${CHOSEN}: ${prompt}`)).totalMs)),
    );
    return {
      'p95 of uneven places': {
        unit: 'ms',
        better: 'lower',
        value: p95Of(value.get(CHOSEN)),
        // As long as on the slow deployment, and a third of that for a wait: two drawn at random are not the best two.
        target: 1.3 * SLOWDOWN * percentile(single, 95),
        // No call is quicker than it would be alone on the deployment that is quickest for it, and well.
        limit: percentile(best, 95),
      },
    };
  },
});

export function p95Of(answered: readonly Answered[] = []): number {
  return percentile(
    answered.map((it) => it.ms),
    95,
  );
}
