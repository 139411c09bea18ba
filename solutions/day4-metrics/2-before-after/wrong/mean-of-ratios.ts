/** One answered request of a run. A request that was replayed has several samples with the same id. */
export interface Sample {
  /** The request's place in the recorded traffic: the same id is the same request. */
  id: string;
  latencyMs: number;
  costMicroUsd: number;
}

export interface Run {
  /** `warm`: the response cache held answers of an earlier run when this one began. */
  cache: 'cold' | 'warm';
  samples: readonly Sample[];
}

export type Metric = 'mean latency' | 'p95 latency' | 'mean cost';

export interface Options {
  metric: Metric;
  /** How often to draw a new sample of the requests. */
  resamples: number;
  /** Uniform in [0, 1), seeded. */
  random: () => number;
}

export interface Comparison {
  /** Change of the metric as a share of before: -0.25 is a quarter less. */
  delta: number;
  /** The interval that holds the true change with 95 % confidence. */
  ci: [low: number, high: number];
  verdict: 'better' | 'worse' | 'inconclusive';
}

export const rejectedBy = 'says how much changed, as a share of before';

/** The samples of one request: before and after. */
type Pair = [before: number[], after: number[]];

/** Fewer shared requests than this say nothing, whatever they say. */
const FEWEST = 30;

/** Averages the ratios of single requests, in which one lucky short request weighs as much as a long one. */
export function compare(before: Run, after: Run, { metric, resamples, random }: Options): Comparison {
  const [first, second] = [byRequest(before, metric), byRequest(after, metric)];
  const pairs = [...first].flatMap(([id, old]): Pair[] => {
    const fresh = second.get(id);
    return fresh ? [[old, fresh]] : [];
  });
  const change = (drawn: Pair[]) => {
    const [befores, afters]: [number[], number[]] = [[], []];
    for (const [old, fresh] of drawn) {
      for (const value of old) befores.push(value);
      for (const value of fresh) afters.push(value);
    }
    return (
      measure(
        afters.map((value, i) => value / (befores[i] ?? value)),
        metric,
      ) - 1
    );
  };
  const delta = change(pairs);
  if (pairs.length < FEWEST || before.cache !== after.cache)
    return { delta, ci: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], verdict: 'inconclusive' };

  const changes = Array.from({ length: resamples }, () =>
    change(pairs.map(() => pairs[Math.floor(random() * pairs.length)] ?? [[], []])),
  ).sort((a, b) => a - b);
  const low = changes[Math.floor(0.025 * resamples)] ?? Number.NEGATIVE_INFINITY;
  const high = changes[Math.ceil(0.975 * resamples) - 1] ?? Number.POSITIVE_INFINITY;
  return { delta, ci: [low, high], verdict: high < 0 ? 'better' : low > 0 ? 'worse' : 'inconclusive' };
}

function byRequest(run: Run, metric: Metric): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const { id, latencyMs, costMicroUsd } of run.samples) {
    const value = metric === 'mean cost' ? costMicroUsd : latencyMs;
    const known = values.get(id);
    if (known) known.push(value);
    else values.set(id, [value]);
  }
  return values;
}

function measure(values: number[], metric: Metric): number {
  if (metric === 'p95 latency') return values.sort((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] ?? 0;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
