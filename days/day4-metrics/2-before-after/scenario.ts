import type * as Subject from '#days/day4-metrics/2-before-after/compare.ts';
import { defineScenario, percentile, type Random, sum } from '#lib/provider';
import type * as Contract from '../contracts/compare.ts';

/** Requests in a run. */
const REQUESTS = 80;
/** So many shared requests are enough. */
export const FEWEST = 30;
const RESAMPLES = 200;
const SAME_PAIRS = 200;
const GAIN_PAIRS = 50;
/** What a real gain takes off each request. */
const GAIN = 0.88;

const METRICS: Contract.Metric[] = ['mean latency', 'p95 latency', 'mean cost'];

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
    warmed: [
      pair(random, { factor: 0.5, caches: ['cold', 'warm'] }),
      pair(random, { factor: 0.5, caches: ['warm', 'cold'] }),
    ],
    bothWarm: [pair(random, { factor: 0.5, caches: ['warm', 'warm'] })],
    enough: [pair(random, { factor: 0.4, requests: FEWEST })],
    tooFew: [
      pair(random, { factor: 0.4, requests: FEWEST - 1 }),
      pair(random, { factor: 0.4, requests: FEWEST - 1, replays: [3, 3] }),
    ],
    strangers: times(3, () => strangerPair(random)),
    replayed: times(10, () => pair(random, { factor: 1, replays: [1, 3] })),
    exact: METRICS.map((metric) => ({ ...pair(random, { factor: 0.4 }), metric })),
    exactShared: METRICS.map((metric) => ({ ...shiftedPair(random), metric })),
    exactReplayed: METRICS.map((metric) => ({ ...pair(random, { factor: 0.4, replays: [2, 3] }), metric })),
  }),
  play({ compare }: typeof Subject, { traffic, random }) {
    const judge = (pairs: Pair[]) =>
      pairs.map(({ before, after, metric }) =>
        compare(before, after, { metric, resamples: RESAMPLES, random: () => random.next() }),
      );
    return {
      exact: judge(traffic.exact),
      exactShared: judge(traffic.exactShared),
      exactReplayed: judge(traffic.exactReplayed),
      shifted: judge(traffic.shifted),
      strangers: judge(traffic.strangers),
      warmed: judge(traffic.warmed),
      bothWarm: judge(traffic.bothWarm),
      enough: judge(traffic.enough),
      tooFew: judge(traffic.tooFew),
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
        // 5 %, and three standard errors for the chance in so many pairs.
        target: 0.05 + 3 * Math.sqrt((0.05 * 0.95) / SAME_PAIRS),
        limit: 0,
      },
      'interval holds the true change': {
        unit: 'share',
        better: 'higher',
        value: covered.length / known.length,
        // 95 % is what it promises. Skewed values cost a bootstrap up to five points of that, and chance in so many pairs
        // up to six more; an interval of one standard error either way would hold 68 %. Its width is held beside it.
        target: 0.9 - 4 * Math.sqrt((0.05 * 0.95) / known.length),
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

/**
 * How wide 95 % are, for a pair of runs with one sample of each request: 1.96 standard errors of the ratio of the means, to
 * either side (delta method).
 */
export function widthOf({ before, after }: Pair): number {
  const latencies = new Map(before.samples.map(({ id, latencyMs }) => [id, latencyMs]));
  const pairs = after.samples.map(({ id, latencyMs }) => [latencies.get(id) ?? 0, latencyMs] as const);
  const total = sum(pairs.map(([old]) => old));
  const ratio = sum(pairs.map(([, fresh]) => fresh)) / total;
  const squares = sum(pairs.map(([old, fresh]) => (fresh - ratio * old) ** 2));
  return (2 * 1.96 * Math.sqrt((squares * pairs.length) / (pairs.length - 1))) / total;
}

export function share(verdicts: Contract.Comparison[], verdict: Contract.Comparison['verdict']): number {
  return verdicts.filter((it) => it.verdict === verdict).length / verdicts.length;
}

function holds([low, high]: [number, number], value = 0): boolean {
  return low <= value && value <= high;
}

/** How a pair of runs is made; in pairs of two, before and after. */
interface How {
  factor: number;
  requests?: number;
  replays?: [number, number];
  caches?: [Contract.Run['cache'], Contract.Run['cache']];
}

/** Some requests are long and some short, in both runs; on top of that each answer has its own luck. */
function pair(random: Random, how: How): Pair {
  const sizes = times(how.requests ?? REQUESTS, () => Math.exp(0.6 * random.normal()));
  const play = (factor: number, replays: number) =>
    sizes.flatMap((size, i) => times(replays, () => sample(random, `r${i}`, size, factor)));
  const [replaysBefore, replays] = how.replays ?? [1, 1];
  const [cacheBefore, cache] = how.caches ?? ['cold', 'cold'];
  return {
    before: { cache: cacheBefore, samples: play(1, replaysBefore) },
    after: { cache, samples: play(how.factor, replays) },
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
