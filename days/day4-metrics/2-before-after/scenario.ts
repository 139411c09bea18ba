import type * as Subject from '#days/day4-metrics/2-before-after/compare.ts';
import { defineScenario, percentile, type Random, sum } from '#lib/provider';
import type * as Contract from '../contracts/compare.ts';

/** Requests in a run. */
const REQUESTS = 80;
const RESAMPLES = 200;
const SAME_PAIRS = 200;
const GAIN_PAIRS = 50;
/** What a real gain takes off each request. */
const GAIN = 0.88;

export interface Pair {
  before: Contract.Run;
  after: Contract.Run;
  metric: Contract.Metric;
  /** The change that was put in. */
  trueDelta: number;
}

/** Two hundred and fifty pairs of runs of which the true change is known, and some that look like a gain and are none. */
export const scenario = defineScenario({
  traffic: (random) => ({
    same: times(SAME_PAIRS, () => pair(random, { factor: 1 })),
    gains: times(GAIN_PAIRS, () => pair(random, { factor: GAIN })),
    tails: times(10, () => tailPair(random)),
    shifted: times(10, () => shiftedPair(random)),
    warmed: times(3, () => pair(random, { factor: 0.5, warm: true })),
    strangers: times(3, () => strangerPair(random)),
    replayed: times(10, () => pair(random, { factor: 1, replays: 3 })),
    exact: (['mean latency', 'p95 latency', 'mean cost'] as const).map((metric) => ({
      ...pair(random, { factor: 0.4 }),
      metric,
    })),
  }),
  play({ compare }: typeof Subject, { traffic, random }) {
    const judge = (pairs: Pair[]) =>
      pairs.map(({ before, after, metric }) =>
        compare(before, after, { metric, resamples: RESAMPLES, random: () => random.next() }),
      );
    return {
      exact: judge(traffic.exact),
      shifted: judge(traffic.shifted),
      strangers: judge(traffic.strangers),
      warmed: judge(traffic.warmed),
      replayed: judge(traffic.replayed),
      same: judge(traffic.same),
      gains: judge(traffic.gains),
      tails: judge(traffic.tails),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const known = [...traffic.same, ...traffic.gains];
    const covered = [...value.same, ...value.gains].filter(({ ci }, i) => holds(ci, known[i]?.trueDelta));
    return {
      'false "better"': {
        unit: 'share',
        better: 'lower',
        value: share(value.same, 'better'),
        // 5 %, and two standard errors for the chance in so many pairs.
        target: 0.05 + 2 * Math.sqrt((0.05 * 0.95) / SAME_PAIRS),
        limit: 0,
      },
      'interval holds the true change': {
        unit: 'share',
        better: 'higher',
        value: covered.length / known.length,
        // 95 % is what it promises. Skewed values cost a bootstrap two or three points of that, chance in so many
        // pairs up to five more; an interval of one standard error either way would hold 68 %.
        target: 0.87 - Math.sqrt((0.05 * 0.95) / known.length),
        limit: 1,
      },
      'real gains found': {
        unit: 'share',
        better: 'higher',
        value: share(value.gains, 'better'),
        // The power that studies are planned for.
        target: 0.8,
        limit: 1,
      },
    };
  },
});

/** The exact change of a pair, over the requests that both runs have. */
export function exactDelta({ before, after, metric }: Pair): number {
  const ids = new Set(before.samples.map(({ id }) => id));
  const other = new Set(after.samples.map(({ id }) => id));
  const measure = (run: Contract.Run) => {
    const shared = run.samples.filter(({ id }) => ids.has(id) && other.has(id));
    const values = shared.map((it) => (metric === 'mean cost' ? it.costMicroUsd : it.latencyMs));
    return metric === 'p95 latency' ? percentile(values, 95) : sum(values) / values.length;
  };
  return measure(after) / measure(before) - 1;
}

export function share(verdicts: Contract.Comparison[], verdict: Contract.Comparison['verdict']): number {
  return verdicts.filter((it) => it.verdict === verdict).length / verdicts.length;
}

function holds([low, high]: [number, number], value = 0): boolean {
  return low <= value && value <= high;
}

/** Some requests are long and some short, in both runs; on top of that each answer has its own luck. */
function pair(random: Random, how: { factor: number; replays?: number; warm?: boolean }): Pair {
  const sizes = times(REQUESTS, () => Math.exp(0.6 * random.normal()));
  const play = (factor: number, replays: number) =>
    sizes.flatMap((size, i) => times(replays, () => sample(random, `r${i}`, size, factor)));
  return {
    before: { cache: 'cold', samples: play(1, 1) },
    after: { cache: how.warm ? 'warm' : 'cold', samples: play(how.factor, how.replays ?? 1) },
    metric: 'mean latency',
    trueDelta: how.factor - 1,
  };
}

function sample(random: Random, id: string, size: number, factor: number): Contract.Sample {
  const luck = () => Math.exp(0.15 * random.normal());
  return { id, latencyMs: 900 * size * factor * luck(), costMicroUsd: Math.round(400 * size * luck()) };
}

/** Five requests of six become twice as fast, the slow sixth even slower: the mean falls, p95 rises. */
function tailPair(random: Random): Pair {
  const made = times(120, (i) => sample(random, `r${i}`, i % 6 === 0 ? 4 : 1, 1));
  const after = made.map(({ id, costMicroUsd }, i) => ({
    ...sample(random, id, i % 6 === 0 ? 4 * 1.35 : 0.5, 1),
    costMicroUsd,
  }));
  return {
    before: { cache: 'cold', samples: made },
    after: { cache: 'cold', samples: random.shuffle(after) },
    metric: 'p95 latency',
    trueDelta: 0.35,
  };
}

/** Nothing changed, but the second run had other traffic too, and that was of short requests. */
function shiftedPair(random: Random): Pair {
  const made = pair(random, { factor: 1 });
  const shared = made.after.samples.slice(REQUESTS * 0.4);
  const others = times(REQUESTS * 0.4, (i) => sample(random, `s${i}`, 0.3, 1));
  return { ...made, after: { cache: 'cold', samples: random.shuffle([...others, ...shared]) } };
}

/** Two runs without a request in common, the second of shorter ones. */
function strangerPair(random: Random): Pair {
  const made = pair(random, { factor: 1 });
  return {
    ...made,
    after: { cache: 'cold', samples: times(REQUESTS, (i) => sample(random, `s${i}`, 0.5, 1)) },
  };
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
