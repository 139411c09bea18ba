import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario, percentile } from '#lib/provider';
import { type Arrival, COST_MS, moments, OPTIONS, playAll } from './handlers.ts';

const FLOOD_MS = 60_000;
export const HIGH_PATIENCE_MS = 2000;
const IMAGES = 300;

/** A minute of chat and analyses, and after five seconds three hundred images of low priority at once. */
export const flood = defineScenario({
  traffic: (random): Arrival[] => [
    ...moments(random, 0, FLOOD_MS, 4).map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'high' as const,
      patienceMs: HIGH_PATIENCE_MS,
    })),
    ...moments(random, 0, FLOOD_MS, 1).map((atMs) => ({
      atMs,
      type: 'analysis' as const,
      priority: 'medium' as const,
      patienceMs: 15_000,
    })),
    ...Array.from({ length: IMAGES }, () => ({
      atMs: 5000,
      type: 'image' as const,
      priority: 'low' as const,
      patienceMs: 120_000,
    })),
  ],
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, OPTIONS, traffic, clock),
  readings({ outcome }) {
    const high = outcome.value.jobs.filter(({ job }) => job.priority === 'high');
    return {
      'p95 of chat in the flood': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          high.map(({ submittedMs, endMs }) => endMs - submittedMs),
          95,
        ),
        // A call for one, and the wait for one analysis of a few to give its place back.
        target: 900,
        // Nothing is quicker than a call for this job alone.
        limit: COST_MS.text.call + COST_MS.text.input,
      },
    };
  },
});
