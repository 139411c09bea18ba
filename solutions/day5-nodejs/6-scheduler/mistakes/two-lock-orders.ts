/*
 * Belief: Take the two limits one after the other; the order does not matter.
 * Effect: Two jobs take them in opposite orders. Each holds what the other needs, and both wait for
 *   ever.
 * Rejected by: keeps to the limit of each type and never locks itself up
 * Whole: it is built of two limits, where the solution has one queue
 */

import type { Job, SchedulerOptions } from '#course/day5-nodejs/contracts/scheduler.ts';

export { allocate, autoscale, predict } from '../scheduler.ts';

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
