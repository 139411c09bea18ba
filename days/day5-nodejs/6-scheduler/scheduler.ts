import type {
  Job,
  JobType,
  LoadMetrics,
  ScalingPolicy,
  SchedulerOptions,
} from '#course/day5-nodejs/contracts/scheduler.ts';

export class Scheduler {
  readonly options: SchedulerOptions;
  #line: Promise<unknown>;
  constructor(options: SchedulerOptions) {
    this.options = options;
    this.#line = Promise.resolve();
  }

  submit({ type, input }: Job): Promise<string> {
    // TODO: one line for all.
    const turn = this.#line.then(() => this.options.handlers[type]([input]));
    this.#line = turn.catch(() => {});
    return turn.then(([result]) => result ?? '');
  }

  setCapacity(capacity: number): void {
    this.options.capacity = capacity;
  }
}

/** How many places there should be from now on. */
export function autoscale({ capacity, cpu }: LoadMetrics, { min, max }: ScalingPolicy): number {
  // TODO: this rule was written for work that keeps a CPU busy.
  const wanted = cpu > 0.7 ? capacity + 1 : cpu < 0.3 ? capacity - 1 : capacity;
  return Math.min(max, Math.max(min, wanted));
}

/** How much there will be, so many samples after the last of the history. TODO: it takes what was for what will be. */
export function predict(history: readonly number[], _ahead: number): number {
  return history.at(-1) ?? 0;
}

/** How many of the places each type gets. TODO: the first has them all. */
export function allocate(
  places: number,
  needs: Record<JobType, number>,
  _weights: Record<JobType, number>,
): Record<JobType, number> {
  return { text: Math.min(places, needs.text), image: 0, analysis: 0 };
}
