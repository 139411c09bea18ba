import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import type { Clock } from '#lib/clock';
import { defineScenario, percentile, type Random } from '#lib/provider';
import type * as Contract from '../contracts/scheduler.ts';

/** What one call of a handler takes: its start, and each input of the batch. */
const COST_MS: Record<Contract.JobType, { call: number; input: number }> = {
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
function createHandlers(clock: Clock) {
  const calls: HandlerCall[] = [];
  const busy: Record<Contract.JobType, number> = { text: 0, image: 0, analysis: 0 };
  const peak = { ...busy, all: 0 };
  const handler = (type: Contract.JobType) => async (inputs: string[]) => {
    const call: HandlerCall = { type, inputs, startMs: clock.now(), endMs: Number.POSITIVE_INFINITY };
    calls.push(call);
    busy[type] += 1;
    peak[type] = Math.max(peak[type], busy[type]);
    peak.all = Math.max(peak.all, busy.text + busy.image + busy.analysis);
    await clock.sleep(COST_MS[type].call + inputs.length * COST_MS[type].input);
    busy[type] -= 1;
    call.endMs = clock.now();
    if (inputs.some((input) => input.includes('broken'))) throw new Error(`the ${type} call failed`);
    return inputs.map((input) => `${type} of ${input}`);
  };
  return {
    calls,
    peak,
    handlers: { text: handler('text'), image: handler('image'), analysis: handler('analysis') },
  };
}

const OPTIONS = {
  capacity: 4,
  limits: { image: 2 },
  batchSize: 25,
  maxQueue: 400,
  maxWaitMs: 10_000,
} as const;

function submit(scheduler: Subject.Scheduler, job: Contract.Job, clock: Clock): Promise<Submitted> {
  const submittedMs = clock.now();
  return scheduler.submit(job).then(
    (result) => ({ job, submittedMs, endMs: clock.now(), result }),
    (error: unknown) => ({ job, submittedMs, endMs: clock.now(), error }),
  );
}

/** Jobs that come at their moments, whatever became of those before. */
interface Arrival {
  atMs: number;
  type: Contract.JobType;
  priority: Contract.Priority;
  /** Time until the result is useless. */
  patienceMs: number;
}

function playAll(
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
      return submit(scheduler, { type, priority, input: `${priority} ${i}`, deadlineMs }, clock);
    }),
  ).then((jobs) => ({ jobs, calls, peak }));
}

/** Moments at about `perSec`. */
function moments(random: Random, fromMs: number, toMs: number, perSec: number): number[] {
  const gapMs = 1000 / perSec;
  return Array.from({ length: Math.round((toMs - fromMs) / gapMs) }, (_, i) =>
    Math.round(fromMs + (i + 0.8 * random.next()) * gapMs),
  );
}

// --- a flood of batch work ---------------------------------------------------------------------------------------

const FLOOD_MS = 60_000;
export const HIGH_PATIENCE_MS = 2000;
const IMAGES = 300;

export { flood as scenario };

/** A minute of chat and analyses, and after five seconds three hundred images of low priority at once. */
export const flood = defineScenario({
  traffic: (random): Arrival[] => [
    ...moments(random, 0, FLOOD_MS, 4).map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'high' as const,
      patienceMs: HIGH_PATIENCE_MS,
    })),
    ...moments(random, 0, FLOOD_MS, 1).map((atMs) => ({
      atMs,
      type: 'analysis' as const,
      priority: 'medium' as const,
      patienceMs: 15_000,
    })),
    ...Array.from({ length: IMAGES }, () => ({
      atMs: 5000,
      type: 'image' as const,
      priority: 'low' as const,
      patienceMs: 120_000,
    })),
  ],
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, OPTIONS, traffic, clock),
  readings({ outcome }) {
    const high = outcome.value.jobs.filter(({ job }) => job.priority === 'high');
    return {
      'p95 of chat in the flood': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          high.map(({ submittedMs, endMs }) => endMs - submittedMs),
          95,
        ),
        // A call for one, and the wait for one analysis of a few to give its place back.
        target: 900,
        // Nothing is quicker than a call for this job alone.
        limit: COST_MS.text.call + COST_MS.text.input,
      },
    };
  },
});

// --- starvation --------------------------------------------------------------------------------------------------

const SATURATED_MS = 40_000;
export const SATURATED = { capacity: 1, limits: {}, batchSize: 1, maxQueue: 400, maxWaitMs: 10_000 };

/** One place, one job a call, more chat than it can take, and three jobs of low priority. */
export const saturated = defineScenario({
  traffic: (random): Arrival[] => [
    ...moments(random, 0, SATURATED_MS, 5.5).map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'high' as const,
      patienceMs: HIGH_PATIENCE_MS,
    })),
    ...[1000, 2000, 3000].map((atMs) => ({
      atMs,
      type: 'text' as const,
      priority: 'low' as const,
      patienceMs: 120_000,
    })),
  ],
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, SATURATED, traffic, clock),
  readings({ outcome }) {
    const low = outcome.value.jobs.filter(({ job }) => job.priority === 'low');
    return {
      'longest wait of low priority': {
        unit: 'ms',
        better: 'lower',
        value: Math.max(...low.map(({ submittedMs, endMs }) => endMs - submittedMs)),
        // A low job goes first after maxWaitMs; then those before it that are as old, and the call under way.
        target: SATURATED.maxWaitMs * 1.5,
        limit: COST_MS.text.call + COST_MS.text.input,
      },
    };
  },
});

// --- overload ----------------------------------------------------------------------------------------------------

const OVERLOAD_MS = 30_000;
const OVERLOAD = { capacity: 2, limits: {}, batchSize: 1, maxQueue: 400, maxWaitMs: 10_000 };
const OVERLOAD_PATIENCE_MS = 3000;
const ANALYSIS_MS = COST_MS.analysis.call + COST_MS.analysis.input;

/** Twice as many analyses as two places can take, each of use for three seconds. */
export const overload = defineScenario({
  traffic: (random): Arrival[] =>
    moments(random, 0, OVERLOAD_MS, (2 * OVERLOAD.capacity * 1000) / ANALYSIS_MS).map((atMs) => ({
      atMs,
      type: 'analysis',
      priority: 'medium',
      patienceMs: OVERLOAD_PATIENCE_MS,
    })),
  play: (subject: typeof Subject, { traffic, clock }) => playAll(subject, OVERLOAD, traffic, clock),
  readings({ traffic, outcome }) {
    const inTime = outcome.value.jobs.filter(isInTime).length;
    // From the first arrival until the last job is useless, the places can finish no more than this.
    const spanMs =
      Math.max(...traffic.map((it) => it.atMs + it.patienceMs)) - Math.min(...traffic.map((it) => it.atMs));
    const most = Math.min(traffic.length, OVERLOAD.capacity * Math.floor(spanMs / ANALYSIS_MS));
    const places = OVERLOAD.capacity * (OVERLOAD_MS / ANALYSIS_MS);
    return {
      'goodput in overload': {
        unit: 'share',
        better: 'higher',
        value: inTime / places,
        target: 0.9,
        limit: most / places,
      },
    };
  },
});

export function isInTime({ job, result, endMs }: Submitted): boolean {
  return result !== undefined && endMs <= job.deadlineMs;
}

// --- corners -----------------------------------------------------------------------------------------------------

/** Grouping, failures, a full queue, limits, and a capacity that changes. */
export const corners = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const far = () => performance.now() + 600_000;
    const job = (type: Contract.JobType, input: string, priority: Contract.Priority = 'medium') => ({
      type,
      priority,
      input,
      deadlineMs: far(),
    });
    const start = (options: Partial<Omit<Contract.SchedulerOptions, 'handlers'>> = {}) => {
      const { handlers, calls, peak } = createHandlers(clock);
      const scheduler = new subject.Scheduler({ ...OPTIONS, limits: { image: 2 }, ...options, handlers });
      return { calls, peak, add: (it: Contract.Job) => submit(scheduler, it, clock), scheduler };
    };

    const mixed = start();
    const types: Contract.JobType[] = ['text', 'image', 'analysis'];
    const startMs = clock.now();
    const jobs = await Promise.all(
      Array.from({ length: 120 }, (_, i) => mixed.add(job(types[i % 3] as Contract.JobType, `input ${i}`))),
    );
    const grouped = { jobs, calls: mixed.calls, peak: mixed.peak, tookMs: clock.now() - startMs };

    const failing = start({ capacity: 1, batchSize: 2 });
    const failed = await Promise.all(
      ['one', 'broken', 'three', 'four', 'five'].map((input) => failing.add(job('text', input))),
    );

    // Many images of high priority and little else: whoever needs two places must not wait for the second holding the first.
    const locks = start({ capacity: 2, limits: { image: 1 }, batchSize: 1 });
    const locked = Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        locks.add(job(i % 2 === 0 ? 'image' : 'text', `lock ${i}`, i % 4 < 2 ? 'high' : 'low')),
      ),
    ).then(() => 'all done');
    const lockEnd = await Promise.race([locked, clock.sleep(120_000).then(() => 'locked up')]);

    const full = start({ capacity: 1, batchSize: 1, maxQueue: 10 });
    const crowdMs = clock.now();
    const crowd = await Promise.all(
      Array.from({ length: 50 }, (_, i) => full.add(job('text', `crowd ${i}`))),
    );
    const atOnce = crowd.filter((it) => it.error !== undefined && it.endMs - crowdMs <= 1).length;
    const served = crowd.filter((it) => it.result !== undefined).length;

    const growing = start({ capacity: 1, batchSize: 1 });
    const growMs = clock.now();
    const more = Promise.all(Array.from({ length: 8 }, (_, i) => growing.add(job('text', `grow ${i}`))));
    await clock.sleep(100);
    growing.scheduler.setCapacity(4);
    await more;
    const grown = { peak: growing.peak.all, tookMs: clock.now() - growMs };

    return { grouped, failed, lockEnd, lockPeak: locks.peak.image, crowd: { atOnce, served }, grown };
  },
});

// --- scaling -----------------------------------------------------------------------------------------------------

export const POLICY: Contract.ScalingPolicy = { min: 4, max: 100, targetUse: 0.75, cooldownMs: 120_000 };
/** An hour after the last change. */
const RESTED = { nowMs: 3_600_000, lastChangeMs: 0 };
const TICK_MS = 5000;
const TICKS = 720;
/** Calls that one place takes in a second. */
const RATE = 0.5;
/** New places are there so many ticks after they were asked for. */
const START_TICKS = 3;

export interface ScaledHour {
  waitsMs: number[];
  changes: number;
  /** How often it went up after down or down after up. */
  turns: number;
  placeSeconds: number;
  neededSeconds: number;
  maxPlaces: number;
  /** What was asked for with ten thousand jobs waiting, and with nothing to do. */
  inFlood: number;
  atNight: number;
}

/** An hour of calls that wait for the network: from 12 places needed to 60 and back, with noise of a tenth. */
export const scaling = defineScenario({
  traffic: (random) =>
    Array.from({ length: TICKS }, (_, tick) => {
      const minute = (tick * TICK_MS) / 60_000;
      const base =
        minute < 12
          ? 6
          : minute < 20
            ? 6 + (minute - 12) * 3
            : minute < 36
              ? 30
              : minute < 44
                ? 30 - (minute - 36) * 3
                : 6;
      return base * (0.9 + 0.2 * random.next());
    }),
  play({ autoscale }: typeof Subject, { traffic }): ScaledHour {
    const hour: ScaledHour = {
      waitsMs: [],
      changes: 0,
      turns: 0,
      placeSeconds: 0,
      neededSeconds: 0,
      maxPlaces: 0,
      inFlood: autoscale({ ...RESTED, capacity: 60, busy: 60, waiting: 10_000, cpu: 0.1 }, POLICY),
      atNight: autoscale({ ...RESTED, capacity: POLICY.min, busy: 0, waiting: 0, cpu: 0 }, POLICY),
    };
    let capacity = 16;
    let lastChangeMs = 0;
    let direction = 0;
    let waiting = 0;
    const coming: { tick: number; capacity: number }[] = [];
    let asked = capacity;
    for (const [tick, perSec] of traffic.entries()) {
      while (coming[0] && coming[0].tick <= tick) capacity = coming.shift()?.capacity ?? capacity;
      const work = waiting + perSec * (TICK_MS / 1000);
      const done = Math.min(work, capacity * RATE * (TICK_MS / 1000));
      waiting = work - done;
      const busy = done / (RATE * (TICK_MS / 1000));
      hour.waitsMs.push((waiting / (capacity * RATE)) * 1000);
      hour.placeSeconds += Math.max(capacity, asked) * (TICK_MS / 1000);
      hour.neededSeconds += (perSec / RATE) * (TICK_MS / 1000);
      hour.maxPlaces = Math.max(hour.maxPlaces, capacity);
      // Calls that wait for the network use next to no CPU.
      const metrics = {
        nowMs: tick * TICK_MS,
        capacity: asked,
        busy,
        waiting,
        cpu: 0.05 + 0.001 * busy,
        lastChangeMs,
      };
      const wanted = Math.min(POLICY.max, Math.max(POLICY.min, Math.round(autoscale(metrics, POLICY))));
      if (wanted === asked) continue;
      const now = Math.sign(wanted - asked);
      hour.changes += 1;
      if (direction !== 0 && now !== direction) hour.turns += 1;
      direction = now;
      lastChangeMs = tick * TICK_MS;
      asked = wanted;
      if (now < 0) {
        coming.length = 0;
        capacity = wanted;
      } else coming.push({ tick: tick + START_TICKS, capacity: wanted });
    }
    return hour;
  },
  chart: ({ outcome }) => `Resource allocation of the hour: ${allocationOf(outcome.value)}.`,
  readings({ outcome }) {
    const { waitsMs, turns, placeSeconds, neededSeconds } = outcome.value;
    return {
      'p95 wait for a place': {
        unit: 'ms',
        better: 'lower',
        value: percentile(waitsMs, 95),
        target: 3000,
        limit: 0,
      },
      // Nobody can do the work with fewer places than the calls are under way.
      'places paid for': {
        unit: 'ratio',
        better: 'lower',
        value: placeSeconds / neededSeconds,
        target: 1.75,
        limit: 1,
      },
      // The load asks for one, up and then down; who never scales has none.
      'turns up and down': { unit: 'count', better: 'lower', value: turns, target: 8, limit: 0 },
    };
  },
});

/** What an hour used, in the words of a resource-allocation report. */
export function allocationOf({ placeSeconds, neededSeconds, maxPlaces, changes, turns }: ScaledHour): string {
  const use = neededSeconds / placeSeconds;
  return (
    `${Math.round(placeSeconds / 3600)} place-hours for ${Math.round(neededSeconds / 3600)} needed (${Math.round(100 * use)} % used), ` +
    `${maxPlaces} places at most, ${changes} changes, ${turns} turns`
  );
}
