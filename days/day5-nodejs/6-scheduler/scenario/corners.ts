import type * as Subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/scheduler.ts';
import { createHandlers, OPTIONS, submit } from './handlers.ts';

/** Grouping, failures, limits, and a capacity that changes. */
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
      const busy = () => calls.filter(({ endMs }) => endMs === Number.POSITIVE_INFINITY).length;
      return { calls, peak, busy, add: (it: Contract.Job) => submit(scheduler, it), scheduler };
    };

    const mixed = start();
    const types: Contract.JobType[] = ['text', 'image', 'analysis'];
    const jobs = await Promise.all(
      Array.from({ length: 120 }, (_, i) => mixed.add(job(types[i % 3] as Contract.JobType, `input ${i}`))),
    );
    const grouped = { jobs, calls: mixed.calls, peak: mixed.peak };

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

    const growing = start({ capacity: 1, batchSize: 1 });
    const more = Promise.all(Array.from({ length: 8 }, (_, i) => growing.add(job('text', `grow ${i}`))));
    await clock.sleep(100);
    growing.scheduler.setCapacity(4);
    await clock.sleep(1);
    const grown = growing.busy();
    await more;

    // Four calls of 220 ms are under way; then there is one place.
    const shrinking = start({ batchSize: 1 });
    const fewer = Promise.all(Array.from({ length: 8 }, (_, i) => shrinking.add(job('text', `less ${i}`))));
    await clock.sleep(100);
    shrinking.scheduler.setCapacity(1);
    await clock.sleep(200);
    const shrunk = shrinking.busy();
    await fewer;

    return { grouped, failed, lockEnd, lockPeak: locks.peak.image, grown, shrunk };
  },
});
