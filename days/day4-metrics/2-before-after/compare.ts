import type { Comparison, Metric, Options, Run, Sample } from '#course/day4-metrics/contracts/compare.ts';

/** Compares two runs of the same traffic; less is better. */
export function compare(before: Run, after: Run, { metric }: Options): Comparison {
  const delta = measure(after.samples, metric) / measure(before.samples, metric) - 1;
  // TODO: run the same code twice, and see what this says of the two runs.
  return { delta, ci: [delta, delta], verdict: delta < 0 ? 'better' : 'worse' };
}

function measure(samples: readonly Sample[], metric: Metric): number {
  const values = samples.map((sample) => (metric === 'mean cost' ? sample.costMicroUsd : sample.latencyMs));
  if (metric === 'p95 latency') return values.sort((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] ?? 0;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
