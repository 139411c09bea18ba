import type {
  Job,
  JobType,
  LoadMetrics,
  Priority,
  ScalingPolicy,
  SchedulerOptions,
} from '#course/day5-nodejs/contracts/scheduler.ts';

interface Entry {
  job: Job;
  cameMs: number;
  resolve: (result: string) => void;
  reject: (reason: unknown) => void;
}

const ORDER: readonly Priority[] = ['high', 'medium', 'low'];
const TYPES: readonly JobType[] = ['text', 'image', 'analysis'];

/** Three queues. Whoever has waited too long is served first, then high, medium, low; the type's own line is the limit. */
export class Scheduler {
  readonly options: SchedulerOptions;
  readonly #queues: Record<Priority, Entry[]> = { high: [], medium: [], low: [] };
  readonly #busy = new Map<JobType, number>();
  readonly #tookMs = new Map<JobType, number[]>();
  #free: number;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.#free = options.capacity;
  }

  submit(job: Job): Promise<string> {
    const queue = this.#queues[job.priority];
    if (queue.length >= this.options.maxQueue) return Promise.reject(new Error('overloaded'));
    return new Promise((resolve, reject) => {
      queue.push({ job, cameMs: performance.now(), resolve, reject });
      // Jobs that come together are grouped together.
      queueMicrotask(() => this.#work());
      if (this.#free > 0) this.#work();
    });
  }

  setCapacity(capacity: number): void {
    this.#free += capacity - this.options.capacity;
    this.options.capacity = capacity;
    this.#work();
  }

  #work(): void {
    while (this.#free > 0) {
      const head = this.#next();
      if (!head) return;
      const group: Entry[] = [];
      for (const priority of ORDER) {
        const queue = this.#queues[priority];
        for (let i = 0; i < queue.length && group.length < this.options.batchSize; ) {
          const entry = queue[i] as Entry;
          if (entry.job.type !== head.job.type || (group.length === 0 && entry !== head)) i += 1;
          else group.push(...queue.splice(i, 1));
        }
      }
      this.#call(head.job.type, group);
    }
  }

  /** The entry to serve now, after those that cannot be in time have been turned away. */
  #next(): Entry | undefined {
    const now = performance.now();
    for (const priority of ORDER) {
      const keep: Entry[] = [];
      for (const entry of this.#queues[priority]) {
        const times = this.#tookMs.get(entry.job.type) ?? [];
        if (now + Math.max(0, ...times) > entry.job.deadlineMs) entry.reject(new Error('deadline'));
        else keep.push(entry);
      }
      this.#queues[priority] = keep;
    }
    const heads = ORDER.flatMap((priority) =>
      this.#queues[priority].filter(({ job }) => this.#roomFor(job.type)).slice(0, 1),
    );
    const overdue = heads
      .filter((it) => now - it.cameMs >= this.options.maxWaitMs)
      .sort((a, b) => a.cameMs - b.cameMs);
    return overdue[0] ?? heads[0];
  }

  #roomFor(type: JobType): boolean {
    return (this.#busy.get(type) ?? 0) < (this.options.limits[type] ?? this.options.capacity);
  }

  #call(type: JobType, group: Entry[]): void {
    const startMs = performance.now();
    this.#free -= 1;
    this.#busy.set(type, (this.#busy.get(type) ?? 0) + 1);
    this.options.handlers[type](group.map(({ job }) => job.input))
      .then(
        (results) => {
          for (const [i, { resolve }] of group.entries()) resolve(results[i] ?? '');
        },
        (error) => {
          for (const { reject } of group) reject(error);
        },
      )
      .finally(() => {
        this.#tookMs.set(type, [...(this.#tookMs.get(type) ?? []).slice(-1), performance.now() - startMs]);
        this.#free += 1;
        this.#busy.set(type, (this.#busy.get(type) ?? 1) - 1);
        this.#work();
      });
  }
}

/** A band around the target: outside of it to the middle, downwards only when rested. */
export function autoscale(metrics: LoadMetrics, policy: ScalingPolicy): number {
  const { capacity, busy, waiting, nowMs, lastChangeMs } = metrics;
  const use = (busy + waiting) / capacity;
  const middle = Math.round((busy + waiting) / (0.9 * policy.targetUse));
  const target = Math.min(policy.max, Math.max(policy.min, middle));
  if (use > policy.targetUse * 1.1) return Math.max(capacity, target);
  if (use < policy.targetUse * 0.7 && nowMs - lastChangeMs >= policy.cooldownMs)
    return Math.min(capacity, target);
  return capacity;
}

/** The line of least squares, by its sums. */
export function predict(history: readonly number[], ahead: number): number {
  let [x1, x2, y1, xy] = [0, 0, 0, 0];
  for (const [x, y] of history.entries()) {
    x1 += x;
    x2 += x * x;
    y1 += y;
    xy += x * y;
  }
  const n = history.length;
  const slope = n > 1 ? (n * xy - x1 * y1) / (n * x2 - x1 * x1) : 0;
  return Math.max(0, (y1 - slope * x1) / n + slope * (n - 1 + ahead));
}

/** Exact shares first, those that need less than theirs served before; then the largest remainders are rounded up. */
export function allocate(
  places: number,
  needs: Record<JobType, number>,
  weights: Record<JobType, number>,
): Record<JobType, number> {
  const given: Record<JobType, number> = { text: 0, image: 0, analysis: 0 };
  let open = TYPES.filter((type) => needs[type] > 0);
  let left = places;
  while (open.length > 0) {
    const sum = open.reduce((total, type) => total + weights[type], 0);
    const shareOf = (type: JobType) => (left * weights[type]) / sum;
    const served = open.filter((type) => needs[type] <= shareOf(type));
    if (served.length === 0) {
      const rounded = open.map((type) => ({ type, exact: shareOf(type), whole: Math.floor(shareOf(type)) }));
      const spare = left - rounded.reduce((total, { whole }) => total + whole, 0);
      rounded.sort((a, b) => b.exact - b.whole - (a.exact - a.whole));
      for (const [i, { type, whole }] of rounded.entries()) given[type] = whole + (i < spare ? 1 : 0);
      break;
    }
    for (const type of served) {
      given[type] = needs[type];
      left -= needs[type];
    }
    open = open.filter((type) => !served.includes(type));
  }
  return given;
}
