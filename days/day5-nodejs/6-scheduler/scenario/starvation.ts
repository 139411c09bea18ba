import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario } from '#lib/provider';
import { HIGH_PATIENCE_MS } from './flood.ts';
import { type Arrival, COST_MS, moments, playAll } from './handlers.ts';

const SATURATED_MS = 40_000;
const SATURATED = { capacity: 1, limits: {}, batchSize: 1, maxQueue: 400, maxWaitMs: 10_000 };

/** One place, one job a call, more chat than it can take, and three jobs of low priority. */
export const saturated = defineScenario({
  traffic: (random): Arrival[] => [
    ...moments(random, 0, SATURATED_MS, 5.5).map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'high' as const,
      patienceMs: HIGH_PATIENCE_MS,
    })),
    ...[1000, 2000, 3000].map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'low' as const,
      patienceMs: 120_000,
    })),
  ],
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, SATURATED, traffic, clock),
  readings({ outcome }) {
    const low = outcome.value.jobs.filter(({ job }) => job.priority === 'low');
    return {
      'longest wait of low priority': {
        unit: 'ms',
        better: 'lower',
        value: Math.max(...low.map(({ submittedMs, endMs }) => endMs - submittedMs)),
        // A low job goes first after maxWaitMs; then those before it that are as old, and the call under way.
        target: SATURATED.maxWaitMs * 1.5,
        limit: COST_MS.text.call + COST_MS.text.input,
      },
    };
  },
});
