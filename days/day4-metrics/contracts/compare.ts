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
