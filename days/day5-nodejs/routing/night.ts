import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import { defineProvider, defineScenario } from '#lib/provider';
import { ANSWER, arrivals, askAll, PACE } from './ask.ts';

/** Nobody asks until then. */
const FIRST_MS = 31_000;
export const DOWN_MS = { fromMs: 4000, toMs: 46_000 };
export const MORNING_MS = { fromMs: 56_000, toMs: 60_000 };
const CHECK_EVERY_MS = 5000;
const REGIONS = [{ name: 'east' }, { name: 'west' }, { name: 'north' }];

/** East goes down while nobody asks; users come half a minute later, and again when it is well. */
export const night = defineScenario({
  provider: defineProvider({ deployments: { east: PACE, west: PACE, north: PACE } }),
  faults: [{ when: { ...DOWN_MS, deployment: 'east' }, effect: { error: 'overloaded' } }],
  answer: () => ANSWER,
  traffic: (random) => [
    ...arrivals(random, FIRST_MS, FIRST_MS + 6000, 4, 'night'),
    ...arrivals(random, MORNING_MS.fromMs, MORNING_MS.toMs, 4, 'morning'),
  ],
  play: (subject: typeof Subject, world) =>
    askAll(
      subject,
      { deployments: REGIONS, checks: { everyMs: CHECK_EVERY_MS, untilMs: MORNING_MS.toMs } },
      world,
    ),
});
