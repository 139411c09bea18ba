import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario } from '#lib/provider';
import { type Arrival, COST_MS, moments, playAll, type Submitted } from './handlers.ts';

const OVERLOAD_MS = 30_000;
const OVERLOAD = { capacity: 2, limits: {}, batchSize: 1, maxQueue: 400, maxWaitMs: 10_000 };
const OVERLOAD_PATIENCE_MS = 3000;
const ANALYSIS_MS = COST_MS.analysis.call + COST_MS.analysis.input;

/** Twice as many analyses as two places can take, each of use for three seconds. */
export const overload = defineScenario({
  traffic: (random): Arrival[] =>
    moments(random, 0, OVERLOAD_MS, (2 * OVERLOAD.capacity * 1000) / ANALYSIS_MS).map((atMs) => ({
      atMs,
      type: 'analysis',
      priority: 'medium',
      patienceMs: OVERLOAD_PATIENCE_MS,
    })),
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, OVERLOAD, traffic, clock),
  readings({ traffic, outcome }) {
    const inTime = outcome.value.jobs.filter(isInTime).length;
    // From the first arrival until the last job is useless, the places can finish no more than this.
    const spanMs =
      Math.max(...traffic.map((it) => it.atMs + it.patienceMs)) - Math.min(...traffic.map((it) => it.atMs));
    const most = Math.min(traffic.length, OVERLOAD.capacity * Math.floor(spanMs / ANALYSIS_MS));
    const places = OVERLOAD.capacity * (OVERLOAD_MS / ANALYSIS_MS);
    return {
      'goodput in overload': {
        unit: 'share',
        better: 'higher',
        value: inTime / places,
        target: 0.9,
        limit: most / places,
      },
    };
  },
});

export function isInTime({ job, result, endMs }: Submitted): boolean {
  return result !== undefined && endMs <= job.deadlineMs;
}
