import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/scheduler.ts';

/** A moment of a service, and how many places may be asked for then. */
interface Moment {
  capacity: number;
  busy: number;
  waiting: number;
  /** Since the last change. */
  restedMs: number;
  policy: Contract.ScalingPolicy;
  least: number;
  most: number;
}

const COOLDOWN_MS = 60_000;
const policy = (targetUse: number, min = 2, max = 100) => ({ min, max, targetUse, cooldownMs: COOLDOWN_MS });

export const MOMENTS: Moment[] = [
  // More than a tenth too few: up at once, by what waits as well.
  { capacity: 10, busy: 10, waiting: 5, restedMs: 0, policy: policy(0.5), least: 30, most: 38 },
  { capacity: 10, busy: 10, waiting: 5, restedMs: 0, policy: policy(0.75), least: 20, most: 25 },
  { capacity: 10, busy: 10, waiting: 8, restedMs: COOLDOWN_MS, policy: policy(0.9), least: 20, most: 25 },
  { capacity: 20, busy: 18, waiting: 0, restedMs: 0, policy: policy(0.5), least: 36, most: 45 },
  // From eight tenths to all of it: as it is, however long nothing has changed.
  {
    capacity: 20,
    busy: 15,
    waiting: 0,
    restedMs: 10 * COOLDOWN_MS,
    policy: policy(0.75),
    least: 20,
    most: 20,
  },
  { capacity: 20, busy: 9, waiting: 0, restedMs: 10 * COOLDOWN_MS, policy: policy(0.5), least: 20, most: 20 },
  {
    capacity: 20,
    busy: 12,
    waiting: 0,
    restedMs: 10 * COOLDOWN_MS,
    policy: policy(0.75),
    least: 20,
    most: 20,
  },
  // Less than six tenths: down, but not below what is needed, and not before the pause is over.
  { capacity: 20, busy: 8, waiting: 0, restedMs: COOLDOWN_MS, policy: policy(0.75), least: 11, most: 19 },
  { capacity: 20, busy: 4, waiting: 1, restedMs: COOLDOWN_MS, policy: policy(0.5), least: 10, most: 19 },
  { capacity: 20, busy: 8, waiting: 0, restedMs: COOLDOWN_MS - 1, policy: policy(0.75), least: 20, most: 20 },
  { capacity: 20, busy: 0, waiting: 0, restedMs: 0, policy: policy(0.75), least: 20, most: 20 },
  // The bounds.
  {
    capacity: 60,
    busy: 60,
    waiting: 10_000,
    restedMs: COOLDOWN_MS,
    policy: policy(0.75, 4),
    least: 100,
    most: 100,
  },
  { capacity: 50, busy: 50, waiting: 40, restedMs: 0, policy: policy(0.75, 2, 55), least: 55, most: 55 },
  { capacity: 4, busy: 0, waiting: 0, restedMs: COOLDOWN_MS, policy: policy(0.75, 4), least: 4, most: 4 },
  { capacity: 12, busy: 0, waiting: 0, restedMs: COOLDOWN_MS, policy: policy(0.75, 9), least: 9, most: 11 },
];

/** What was, and what a straight line through it makes of it. */
export const HISTORIES = [
  { history: [10, 12, 14, 16], ahead: 3, expected: 22 },
  { history: [10, 14, 12, 16], ahead: 2, expected: 18.6 },
  { history: [10, 14, 12, 16], ahead: 0, expected: 15.4 },
  { history: [20, 17, 14], ahead: 2, expected: 8 },
  { history: [9, 6, 3], ahead: 5, expected: 0 },
  { history: [7, 7, 7, 7, 7], ahead: 12, expected: 7 },
  { history: [5], ahead: 4, expected: 5 },
];

/** Places to share out, and what each type is to get; a share that is no whole number may be rounded either way. */
export const SHARED = [
  { places: 12, needs: [90, 90, 90], weights: [3, 2, 1], shares: [6, 4, 2] },
  { places: 10, needs: [90, 0, 90], weights: [1, 5, 4], shares: [2, 0, 8] },
  { places: 12, needs: [1, 90, 90], weights: [9, 2, 1], shares: [1, 7.34, 3.66] },
  { places: 10, needs: [90, 90, 90], weights: [1, 1, 1], shares: [3.34, 3.33, 3.33] },
  { places: 10, needs: [90, 90, 90], weights: [18, 1, 1], shares: [9, 0.5, 0.5] },
  { places: 7, needs: [90, 3, 90], weights: [2, 9, 2], shares: [2, 3, 2] },
  { places: 9, needs: [1, 2, 90], weights: [1, 2, 1], shares: [1, 2, 6] },
  { places: 20, needs: [3, 4, 5], weights: [1, 9, 1], shares: [3, 4, 5] },
  { places: 8, needs: [0, 0, 0], weights: [1, 1, 1], shares: [0, 0, 0] },
  { places: 0, needs: [5, 5, 5], weights: [1, 1, 1], shares: [0, 0, 0] },
];

/** What the functions beside the scheduler answer, one case after the other; undefined where there is none. */
export const rules = defineScenario({
  traffic: () => null,
  play({ autoscale, predict, allocate }: Partial<typeof Subject>) {
    const byType = ([text = 0, image = 0, analysis = 0]: number[]) => ({ text, image, analysis });
    return {
      places: MOMENTS.map(({ restedMs, policy, capacity, busy, waiting }) =>
        autoscale?.(
          { nowMs: 900_000, lastChangeMs: 900_000 - restedMs, capacity, busy, waiting, cpu: 0.1 },
          policy,
        ),
      ),
      predicted: HISTORIES.map(({ history, ahead }) => predict?.(history, ahead)),
      shares: SHARED.map(({ places, needs, weights }) => {
        const shared = allocate?.(places, byType(needs), byType(weights));
        return shared && [shared.text, shared.image, shared.analysis];
      }),
    };
  },
});
