/*
 * Belief: Take the two limits one after the other; the order does not matter.
 * Effect: Two jobs take them in opposite orders. Each holds what the other needs, and both wait for
 *   ever.
 * Rejected by: keeps to the limit of each type and never locks itself up
 * Whole: it is built of two limits, where the solution has one queue
 */

export type Priority = 'high' | 'medium' | 'low';
export type JobType = 'text' | 'image' | 'analysis';

export interface Job {
  type: JobType;
  priority: Priority;
  input: string;
  /** The moment, as `performance.now()` counts, after which nobody needs the result any more. */
  deadlineMs: number;
}

export interface SchedulerOptions {
  /** Calls at one time, and how many of them may be of a type. */
  capacity: number;
  limits: Partial<Record<JobType, number>>;
  /** Jobs of one type that one call takes. */
  batchSize: number;
  /** Jobs of one priority that may wait; one more is rejected at once. */
  maxQueue: number;
  /** A job that has waited so long goes before every job that comes now, whatever its priority. */
  maxWaitMs: number;
  /** Results in the order of the inputs. */
  handlers: Record<JobType, (inputs: string[]) => Promise<string[]>>;
}

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

/** What a control loop sees: places, calls under way, jobs waiting, the share of a CPU in use, the last change. */
export type LoadMetrics = Record<'nowMs' | 'capacity' | 'busy' | 'waiting' | 'cpu' | 'lastChangeMs', number>;
/** Bounds on the places, the share of them to keep in use, and the pause before places are given back. */
export type ScalingPolicy = Record<'min' | 'max' | 'targetUse' | 'cooldownMs', number>;

/** Up at once with what runs and what waits; down in steps, when nothing has changed for a while. */
export function autoscale(metrics: LoadMetrics, { min, max, targetUse, cooldownMs }: ScalingPolicy): number {
  const { nowMs, capacity, busy, waiting, lastChangeMs } = metrics;
  const wanted = Math.min(max, Math.max(min, Math.ceil((busy + waiting) / targetUse)));
  if (wanted > capacity) return wanted;
  const rested = nowMs - lastChangeMs >= cooldownMs;
  // A fifth less is noise; a quarter at a time, because going up again takes a while.
  return rested && wanted < 0.8 * capacity ? Math.max(wanted, Math.ceil(0.75 * capacity)) : capacity;
}
