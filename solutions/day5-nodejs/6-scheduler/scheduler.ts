import type {
  Job,
  JobType,
  LoadMetrics,
  ScalingPolicy,
  SchedulerOptions,
} from '#course/day5-nodejs/contracts/scheduler.ts';

interface Waiting {
  job: Job;
  /** Smallest first: the moment it came, and a head start for the others of what its priority allows. */
  rank: number;
  resolve: (result: string) => void;
  reject: (reason: unknown) => void;
}

/** Calls the most urgent jobs first, in groups of a type, and turns away what cannot be in time. */
export class Scheduler {
  readonly options: SchedulerOptions;
  #waiting: Waiting[] = [];
  readonly #running: Record<JobType, number> = { text: 0, image: 0, analysis: 0 };
  /** What a call of a type takes, by those so far. */
  readonly #callMs: Record<JobType, number> = { text: 0, image: 0, analysis: 0 };

  constructor(options: SchedulerOptions) {
    this.options = { ...options };
  }

  submit(job: Job): Promise<string> {
    return new Promise((resolve, reject) => {
      const { maxWaitMs, maxQueue } = this.options;
      const patienceMs = { high: 0, medium: maxWaitMs / 2, low: maxWaitMs }[job.priority];
      const entry = { job, rank: performance.now() + patienceMs, resolve, reject };
      this.#waiting.push(entry);
      this.#fill();
      const alike = this.#waiting.filter((it) => it.job.priority === job.priority);
      if (alike.length > maxQueue && alike.at(-1) === entry) {
        this.#waiting.pop();
        reject(new Error(`The queue of ${job.priority} priority is full.`));
      }
    });
  }

  setCapacity(capacity: number): void {
    this.options.capacity = capacity;
    this.#fill();
  }

  #fill(): void {
    const { capacity, batchSize } = this.options;
    while (this.#under() < capacity) {
      this.#turnAwayLate();
      const ready = this.#waiting
        .filter(({ job }) => this.#hasRoom(job.type))
        .sort((a, b) => a.rank - b.rank);
      const [first] = ready;
      if (!first) return;
      const group = ready.filter(({ job }) => job.type === first.job.type).slice(0, batchSize);
      this.#waiting = this.#waiting.filter((it) => !group.includes(it));
      void this.#run(first.job.type, group);
    }
  }

  async #run(type: JobType, group: Waiting[]): Promise<void> {
    const startMs = performance.now();
    this.#running[type] += 1;
    try {
      const results = await this.options.handlers[type](group.map(({ job }) => job.input));
      for (const [i, { resolve }] of group.entries()) resolve(results[i] ?? '');
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.#callMs[type] = performance.now() - startMs;
    this.#running[type] -= 1;
    this.#fill();
  }

  /** Rejects what would be late although it began now. */
  #turnAwayLate(): void {
    const isLate = ({ job }: Waiting) => performance.now() + this.#callMs[job.type] > job.deadlineMs;
    for (const { job, reject } of this.#waiting.filter(isLate))
      reject(new Error(`Too late for a job of type ${job.type}.`));
    this.#waiting = this.#waiting.filter((it) => !isLate(it));
  }

  #hasRoom(type: JobType): boolean {
    return this.#running[type] < (this.options.limits[type] ?? Number.POSITIVE_INFINITY);
  }

  #under(): number {
    return this.#running.text + this.#running.image + this.#running.analysis;
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
