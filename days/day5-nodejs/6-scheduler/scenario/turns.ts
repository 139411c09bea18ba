import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/scheduler.ts';
import { COST_MS, createHandlers, OPTIONS, type Submitted, submit } from './handlers.ts';

export const MAX_WAIT_MS = 1000;
/** One text, and one image, by itself. */
const TEXT_MS = COST_MS.text.call + COST_MS.text.input;
export const ROOM = 10;

/** One place, one job a call: in which order are those called that wait, who is told no, and when? */
export const turns = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const line = (options: Partial<typeof OPTIONS | { maxQueue: number }> = {}) =>
      oneByOne(subject, clock, { ...OPTIONS, ...options });

    const priorities = line();
    for (const it of ['low 1', 'medium 1', 'high 1', 'low 2', 'medium 2', 'high 2']) priorities.add(it);
    const byPriority = await priorities.order();

    // Nobody has waited too long when the image ends, after 1,100 ms.
    const half = line();
    half.add('high first', { type: 'image' });
    await clock.sleep(0.4 * MAX_WAIT_MS);
    half.add('medium');
    half.add('low');
    await clock.sleep(0.6 * MAX_WAIT_MS);
    half.add('high');
    half.add('high 2');
    const beforeMaxWait = (await half.order()).slice(0, 4);

    const overdue = line();
    overdue.add('high first', { type: 'image' });
    overdue.add('low old');
    await clock.sleep(10);
    overdue.add('medium old');
    await clock.sleep(0.5 * MAX_WAIT_MS);
    overdue.add('high');
    overdue.add('high 2');
    const afterMaxWait = await overdue.order();

    // The image takes 1,100 ms: when it ends the job has waited for exactly as long as it may.
    const exact = line();
    exact.add('high first', { type: 'image' });
    await clock.sleep(COST_MS.image.call + COST_MS.image.input - MAX_WAIT_MS);
    exact.add('low');
    await clock.sleep(10);
    exact.add('high');
    const atMaxWait = await exact.order();

    const crowded = line({ maxQueue: ROOM });
    const low = Array.from({ length: 50 }, (_, i) => crowded.add(`low ${i}`));
    const high = Array.from({ length: 12 }, (_, i) => crowded.add(`high ${i}`));
    await clock.sleep(1);
    const told = (all: { ended?: Submitted }[]) => all.map(({ ended }) => ended?.error !== undefined);
    const refused = { low: told(low), high: told(high) };
    const called = await crowded.order();
    const calledAnyway = [...low, ...high].filter(
      ({ ended, input }) => ended?.error && called.includes(input),
    );

    return {
      byPriority,
      beforeMaxWait,
      afterMaxWait,
      atMaxWait,
      crowd: { ...refused, calledAnyway: calledAnyway.length },
      late: await late(line(), clock),
    };
  },
});

/** What a call of its type takes is known from the calls before: images and texts have shown it. */
async function late(line: ReturnType<typeof oneByOne>, clock: Clock) {
  line.add('high text', {});
  line.add('high image', { type: 'image' });
  await clock.sleep(TEXT_MS + 50);
  // The place is free in 1,050 ms.
  const freeMs = TEXT_MS + COST_MS.image.call + COST_MS.image.input - (TEXT_MS + 50);
  const jobs = {
    'too late by itself': line.add('high dead', { withinMs: freeMs - 20 }),
    'too late when it is done': line.add('high short', { withinMs: freeMs + TEXT_MS - 20 }),
    'in time to the millisecond': line.add('high exact', { withinMs: freeMs + TEXT_MS }),
    'in time': line.add('high good', { withinMs: freeMs + 2 * TEXT_MS + 20 }),
    'an image too late when it is done': line.add('high picture', {
      type: 'image',
      withinMs: freeMs + 2 * TEXT_MS + 500,
    }),
  };
  const order = await line.order();
  return Object.entries(jobs).map(([name, { ended, input }]) => ({
    name,
    isDone: ended?.result !== undefined,
    wasRun: order.includes(input),
  }));
}

function oneByOne(
  { Scheduler }: typeof Subject,
  clock: Clock,
  options: Omit<Contract.SchedulerOptions, 'handlers'>,
) {
  const { handlers, calls } = createHandlers(clock);
  const one = { capacity: 1, limits: {}, batchSize: 1, maxWaitMs: MAX_WAIT_MS };
  const scheduler = new Scheduler({ ...options, ...one, handlers });
  const all: Promise<unknown>[] = [];
  return {
    /** The first word of the input is its priority. */
    add(
      input: string,
      { type = 'text', withinMs = 600_000 }: { type?: Contract.JobType; withinMs?: number } = {},
    ): { input: string; ended?: Submitted } {
      const priority = input.split(' ')[0] as Contract.Priority;
      const seen: { input: string; ended?: Submitted } = { input };
      const job = { type, priority, input, deadlineMs: performance.now() + withinMs };
      all.push(submit(scheduler, job).then((ended) => (seen.ended = ended)));
      return seen;
    },
    /** In which order they were called, when all have ended. */
    async order(): Promise<string[]> {
      await Promise.race([Promise.all(all), clock.sleep(600_000)]);
      return calls.flatMap(({ inputs }) => inputs);
    },
  };
}
