import type {
  Job,
  JobType,
  LoadMetrics,
  ScalingPolicy,
  SchedulerOptions,
} from '#course/day5-nodejs/contracts/scheduler.ts';

interface Waiting {
  job: Job;
  cameMs: number;
  resolve: (result: string) => void;
  reject: (reason: unknown) => void;
}

const ORDER = ['high', 'medium', 'low'];
/** What sums of parts may lose. */
const TINY = 1e-9;

/** Calls the most urgent jobs first, in groups of a type, and turns away what cannot be in time. */
export class Scheduler {
  readonly options: SchedulerOptions;
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  readonly #running: Record<JobType, number> = { text: 0, image: 0, analysis: 0 };
  /** What a call of a type took last. */
  readonly #callMs: Record<JobType, number> = { text: 0, image: 0, analysis: 0 };

  constructor(options: SchedulerOptions) {
    this.options = { ...options };
  }

  submit(job: Job): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, cameMs: performance.now(), resolve, reject });
      this.#fill();
      const alike = this.#waiting.filter((it) => it.job.priority === job.priority);
      if (alike.length <= this.options.maxQueue) return;
      this.#waiting.pop();
      reject(new Error(`The queue of ${job.priority} priority is full.`));
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
        .sort((a, b) => this.#turnOf(a) - this.#turnOf(b));
      const [first] = ready;
      if (!first) return;
      const group = ready.filter(({ job }) => job.type === first.job.type).slice(0, batchSize);
      this.#waiting = this.#waiting.filter((it) => !group.includes(it));
      void this.#run(first.job.type, group);
    }
  }

  /** Who has waited too long counts as high, and came before all who are. */
  #turnOf({ job, cameMs }: Waiting): number {
    return performance.now() - cameMs >= this.options.maxWaitMs ? 0 : ORDER.indexOf(job.priority);
  }

  async #run(type: JobType, group: Waiting[]): Promise<void> {
    const startMs = performance.now();
    this.#running[type] += 1;
    try {
      const results = await this.options.handlers[type](group.map(({ job }) => job.input));
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as string);
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
