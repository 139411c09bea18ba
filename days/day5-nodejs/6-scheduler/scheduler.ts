import type {
  Job,
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
    // TODO: one line for all, one job a call, one call at a time; nobody is turned away, however late.
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
  // TODO: calls wait for the network; the CPU never gets warm.
  const wanted = cpu > 0.7 ? capacity + 1 : cpu < 0.3 ? capacity - 1 : capacity;
  return Math.min(max, Math.max(min, wanted));
}
