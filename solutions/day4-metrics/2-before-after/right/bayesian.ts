import type { Comparison, Metric, Options, Run } from '#course/day4-metrics/contracts/compare.ts';

/** The requests of both runs in one table: a row per sample, and which request it belongs to. */
interface Row {
  request: number;
  value: number;
}

/**
 * A Bayesian bootstrap: instead of drawing requests, gives each of them a random weight, the same one in both runs.
 * The values are sorted once; each round only adds up weights.
 */
export function compare(before: Run, after: Run, { metric, resamples, random }: Options): Comparison {
  const late = new Set(after.samples.map((sample) => sample.id));
  const shared = [...new Set(before.samples.map((sample) => sample.id))].filter((id) => late.has(id));
  const place = new Map(shared.map((id, index) => [id, index]));
  const [old, fresh] = [rowsOf(before, place, metric), rowsOf(after, place, metric)];
  const even = shared.map(() => 1);
  const change = (weights: number[]) => weighted(fresh, weights, metric) / weighted(old, weights, metric) - 1;
  const delta = change(even);
  if (shared.length < 30 || before.cache !== after.cache)
    return { delta, ci: [-1, Number.POSITIVE_INFINITY], verdict: 'inconclusive' };

  const changes: number[] = [];
  while (changes.length < resamples) changes.push(change(shared.map(() => -Math.log(1 - random()))));
  changes.sort((a, b) => a - b);
  const cut = Math.floor(resamples * 0.025);
  const [low = delta, high = delta] = [changes[cut], changes[resamples - 1 - cut]];
  if (low > 0) return { delta, ci: [low, high], verdict: 'worse' };
  return { delta, ci: [low, high], verdict: high < 0 ? 'better' : 'inconclusive' };
}

function rowsOf(run: Run, place: Map<string, number>, metric: Metric): Row[] {
  return run.samples
    .flatMap(({ id, latencyMs, costMicroUsd }) => {
      const request = place.get(id);
      return request === undefined
        ? []
        : [{ request, value: metric === 'mean cost' ? costMicroUsd : latencyMs }];
    })
    .sort((a, b) => a.value - b.value);
}

function weighted(rows: Row[], weights: number[], metric: Metric): number {
  let total = 0;
  let sum = 0;
  for (const { request, value } of rows) {
    total += weights[request] ?? 0;
    sum += (weights[request] ?? 0) * value;
  }
  if (metric !== 'p95 latency') return sum / total;
  let above = total;
  for (const { request, value } of rows) {
    above -= weights[request] ?? 0;
    if (above <= total * 0.05 + 1e-9) return value;
  }
  return Number.NaN;
}
