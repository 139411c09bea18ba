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

/** What a control loop sees: places, calls under way, jobs waiting, the share of a CPU in use, the last change. */
export type LoadMetrics = Record<'nowMs' | 'capacity' | 'busy' | 'waiting' | 'cpu' | 'lastChangeMs', number>;

/** Bounds on the places, the share of them to keep in use, and the pause before places are given back. */
export type ScalingPolicy = Record<'min' | 'max' | 'targetUse' | 'cooldownMs', number>;
