/*
 * Belief: Take the two limits one after the other; the order does not matter.
 * Effect: Two jobs take them in opposite orders. Each holds what the other needs, and both wait for
 *   ever.
 * Rejected by: keeps to the limit of each type and never locks itself up
 * Whole: it is built of two limits, where the solution has one queue
 */

import type {
  Job,
  JobType,
  LoadMetrics,
  ScalingPolicy,
  SchedulerOptions,
} from '#course/day5-nodejs/contracts/scheduler.ts';

/** What sums of parts may lose. */
const TINY = 1e-9;

/** A counter with a line. */
class Places {
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor(free: number) {
    this.#free = free;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
  }

  give(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#free += 1;
  }
}
export class Scheduler {
  readonly options: SchedulerOptions;
  readonly #all: Places;
  readonly #images: Places;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.#all = new Places(options.capacity);
    this.#images = new Places(options.limits.image ?? options.capacity);
  }

  async submit({ type, priority, input }: Job): Promise<string> {
    // Who is in a hurry takes the place first, the others ask for the type first: two orders.
    const needed = type === 'image' ? [this.#all, this.#images] : [this.#all];
    const inOrder = priority === 'high' ? needed : [...needed].reverse();
    for (const places of inOrder) await places.take();
    try {
      const [result] = await this.options.handlers[type]([input]);
      return result ?? '';
    } finally {
      for (const places of inOrder) places.give();
    }
  }

  setCapacity(capacity: number): void {
    for (let more = capacity - this.options.capacity; more > 0; more -= 1) this.#all.give();
    this.options.capacity = capacity;
  }
}

/** Up at once with what runs and what waits; down in steps, when nothing has changed for a while. */
export function autoscale(metrics: LoadMetrics, { min, max, targetUse, cooldownMs }: ScalingPolicy): number {
  const { nowMs, capacity, busy, waiting, lastChangeMs } = metrics;
  const wanted = Math.min(max, Math.max(min, Math.ceil((busy + waiting) / targetUse)));
  if (wanted > capacity) return wanted;
  const rested = nowMs - lastChangeMs >= cooldownMs;
  // A fifth less is noise; a quarter at a time, because going up again takes a while.
  return rested && wanted < 0.8 * capacity ? Math.max(wanted, Math.ceil(0.75 * capacity)) : capacity;
}

/** Where the straight line through all of the history will be, so many samples after the last. */
export function predict(history: readonly number[], ahead: number): number {
  const count = history.length;
  const middle = (count - 1) / 2;
  const mean = history.reduce((sum, value) => sum + value, 0) / count;
  const spread = history.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  const slope = history.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) / (spread || 1);
  return Math.max(0, mean + slope * (count - 1 - middle + ahead));
}

/** Exact shares, those that need least for their weight first; what has been given out is rounded down each time. */
export function allocate(
  places: number,
  needs: Record<JobType, number>,
  weights: Record<JobType, number>,
): Record<JobType, number> {
  const shares = { text: 0, image: 0, analysis: 0 };
  const types = Object.keys(shares) as JobType[];
  types.sort((a, b) => needs[a] / weights[a] - needs[b] / weights[b]);
  let left = places;
  let weight = types.reduce((sum, type) => sum + weights[type], 0);
  for (const type of types) {
    const given = Math.floor(places - left + TINY);
    left -= Math.min(needs[type], (left * weights[type]) / weight);
    weight -= weights[type];
    shares[type] = Math.floor(places - left + TINY) - given;
  }
  return shares;
}
