import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario, percentile } from '#lib/provider';
import type * as Contract from '../../contracts/scheduler.ts';

export const POLICY: Contract.ScalingPolicy = { min: 4, max: 100, targetUse: 0.75, cooldownMs: 120_000 };
const TICK_MS = 5000;
const TICKS = 720;
/** Calls that one place takes in a second. */
const RATE = 0.5;
/** New places are there so many ticks after they were asked for. */
const START_TICKS = 3;

interface ScaledHour {
  waitsMs: number[];
  changes: number;
  /** How often it went up after down or down after up. */
  turns: number;
  placeSeconds: number;
  neededSeconds: number;
  maxPlaces: number;
  /** Places too many and places too few, in seconds. */
  wrongSeconds: number;
}

/** An hour of calls that wait for the network: from 12 places needed to 60 and back, with noise of a tenth. */
export const scaling = defineScenario({
  traffic: (random) =>
    Array.from({ length: TICKS }, (_, tick) => {
      const minute = (tick * TICK_MS) / 60_000;
      const base =
        minute < 12
          ? 6
          : minute < 20
            ? 6 + (minute - 12) * 3
            : minute < 36
              ? 30
              : minute < 44
                ? 30 - (minute - 36) * 3
                : 6;
      return base * (0.9 + 0.2 * random.next());
    }),
  play({ autoscale }: typeof Subject, { traffic }): ScaledHour {
    const hour: ScaledHour = {
      waitsMs: [],
      changes: 0,
      turns: 0,
      placeSeconds: 0,
      neededSeconds: 0,
      maxPlaces: 0,
      wrongSeconds: 0,
    };
    let capacity = 16;
    let lastChangeMs = 0;
    let direction = 0;
    let waiting = 0;
    const coming: { tick: number; capacity: number }[] = [];
    let asked = capacity;
    for (const [tick, perSec] of traffic.entries()) {
      while (coming[0] && coming[0].tick <= tick) capacity = coming.shift()?.capacity ?? capacity;
      const work = waiting + perSec * (TICK_MS / 1000);
      const done = Math.min(work, capacity * RATE * (TICK_MS / 1000));
      waiting = work - done;
      const busy = done / (RATE * (TICK_MS / 1000));
      hour.waitsMs.push((waiting / (capacity * RATE)) * 1000);
      hour.placeSeconds += Math.max(capacity, asked) * (TICK_MS / 1000);
      hour.neededSeconds += (perSec / RATE) * (TICK_MS / 1000);
      hour.wrongSeconds += Math.abs(Math.max(capacity, asked) - perSec / RATE) * (TICK_MS / 1000);
      hour.maxPlaces = Math.max(hour.maxPlaces, capacity);
      // Calls that wait for the network use next to no CPU.
      const metrics = {
        nowMs: tick * TICK_MS,
        capacity: asked,
        busy,
        waiting,
        cpu: 0.05 + 0.001 * busy,
        lastChangeMs,
      };
      const wanted = Math.min(POLICY.max, Math.max(POLICY.min, Math.round(autoscale(metrics, POLICY))));
      if (wanted === asked) continue;
      const now = Math.sign(wanted - asked);
      hour.changes += 1;
      if (direction !== 0 && now !== direction) hour.turns += 1;
      direction = now;
      lastChangeMs = tick * TICK_MS;
      asked = wanted;
      if (now < 0) {
        coming.length = 0;
        capacity = wanted;
      } else coming.push({ tick: tick + START_TICKS, capacity: wanted });
    }
    return hour;
  },
  chart: ({ outcome }) => `Resource allocation of the hour: ${allocationOf(outcome.value)}.`,
  readings({ outcome }) {
    const { waitsMs, wrongSeconds, neededSeconds } = outcome.value;
    return {
      'p95 wait for a place': {
        unit: 'ms',
        better: 'lower',
        value: percentile(waitsMs, 95),
        target: 3000,
        limit: 0,
      },
      // To have exactly what is needed at every moment is the end of it: both errors count.
      'places idle or missing': {
        unit: 'ratio',
        better: 'lower',
        value: wrongSeconds / neededSeconds,
        target: 0.75,
        limit: 0,
      },
    };
  },
});

/** The load asks for one turn, up and then down; some more are noise. */
export const MOST_TURNS = 8;

/** What an hour used, in the words of a resource-allocation report. */
export function allocationOf({ placeSeconds, neededSeconds, maxPlaces, changes, turns }: ScaledHour): string {
  const use = neededSeconds / placeSeconds;
  return (
    `${Math.round(placeSeconds / 3600)} place-hours for ${Math.round(neededSeconds / 3600)} needed (${Math.round(100 * use)} % used), ` +
    `${maxPlaces} places at most, ${changes} changes, ${turns} turns`
  );
}
