import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import type { Clock } from '#lib/clock';
import type { Random } from '#lib/provider';
import type * as Contract from '../../contracts/scheduler.ts';

/** What one call of a handler takes: its start, and each input of the batch. */
export const COST_MS: Record<Contract.JobType, { call: number; input: number }> = {
  text: { call: 200, input: 20 },
  analysis: { call: 400, input: 50 },
  image: { call: 1000, input: 100 },
};

/** One call of a handler, as the provider saw it. */
interface HandlerCall {
  type: Contract.JobType;
  inputs: string[];
  startMs: number;
  endMs: number;
}

export interface Submitted {
  job: Contract.Job;
  submittedMs: number;
  endMs: number;
  result?: string;
  error?: unknown;
}

/** Handlers that take their time and write down what they were asked; an input with "broken" fails its whole call. */
export function createHandlers(clock: Clock) {
  const calls: HandlerCall[] = [];
  const busy: Record<Contract.JobType, number> = { text: 0, image: 0, analysis: 0 };
  const peak = { ...busy, all: 0 };
  const handler = (type: Contract.JobType) => async (inputs: string[]) => {
    const call: HandlerCall = { type, inputs, startMs: performance.now(), endMs: Number.POSITIVE_INFINITY };
    calls.push(call);
    busy[type] += 1;
    peak[type] = Math.max(peak[type], busy[type]);
    peak.all = Math.max(peak.all, busy.text + busy.image + busy.analysis);
    await clock.sleep(COST_MS[type].call + inputs.length * COST_MS[type].input);
    busy[type] -= 1;
    call.endMs = performance.now();
    if (inputs.some((input) => input.includes('broken'))) throw new Error(`the ${type} call failed`);
    return inputs.map((input) => `${type} of ${input}`);
  };
  return {
    calls,
    peak,
    handlers: { text: handler('text'), image: handler('image'), analysis: handler('analysis') },
  };
}

export const OPTIONS = {
  capacity: 4,
  limits: { image: 2 },
  batchSize: 25,
  maxQueue: 400,
  maxWaitMs: 10_000,
} as const;

export function submit(scheduler: Subject.Scheduler, job: Contract.Job): Promise<Submitted> {
  const submittedMs = performance.now();
  return scheduler.submit(job).then(
    (result) => ({ job, submittedMs, endMs: performance.now(), result }),
    (error: unknown) => ({ job, submittedMs, endMs: performance.now(), error }),
  );
}

/** Jobs that come at their moments, whatever became of those before. */
export interface Arrival {
  atMs: number;
  type: Contract.JobType;
  priority: Contract.Priority;
  /** Time until the result is useless. */
  patienceMs: number;
}

export function playAll(
  { Scheduler }: typeof Subject,
  options: Omit<Contract.SchedulerOptions, 'handlers'>,
  arrivals: readonly Arrival[],
  clock: Clock,
) {
  const { handlers, calls, peak } = createHandlers(clock);
  const scheduler = new Scheduler({ ...options, limits: { ...options.limits }, handlers });
  return Promise.all(
    arrivals.map(async ({ atMs, type, priority, patienceMs }, i) => {
      await clock.sleep(atMs);
      const deadlineMs = performance.now() + patienceMs;
      return submit(scheduler, { type, priority, input: `${priority} ${i}`, deadlineMs });
    }),
  ).then((jobs) => ({ jobs, calls, peak }));
}

/** Moments at about `perSec`. */
export function moments(random: Random, fromMs: number, toMs: number, perSec: number): number[] {
  const gapMs = 1000 / perSec;
  return Array.from({ length: Math.round((toMs - fromMs) / gapMs) }, (_, i) =>
    Math.round(fromMs + (i + 0.8 * random.next()) * gapMs),
  );
}
