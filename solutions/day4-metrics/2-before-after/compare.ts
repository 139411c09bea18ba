import type { Comparison, Metric, Options, Run } from '#course/day4-metrics/contracts/compare.ts';

/** The samples of one request: before and after. */
type Pair = [before: number[], after: number[]];

/** Fewer shared requests than this say nothing, whatever they say. */
const FEWEST = 30;

/**
 * Compares two runs of the same traffic; less is better. A paired bootstrap: requests are drawn with replacement, and
 * each one drawn brings its samples of both runs. What makes a request slow in both of them then cancels out.
 */
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
    return measure(afters, metric) / measure(befores, metric) - 1;
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
