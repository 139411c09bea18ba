import type { Limiter } from '#course/day1-latency/contracts/limiter.ts';

type Job = { start(): Promise<unknown> };

/** One pump: after each change it starts what fits. */
export function createLimiter(places: number): Limiter {
  const jobs: Job[] = [];
  let active = 0;
  const pump = (): void => {
    while (active < places) {
      const job = jobs.shift();
      if (!job) return;
      active += 1;
      const done = () => {
        active -= 1;
        pump();
      };
      job.start().then(done, done);
    }
  };
  return {
    get active() {
      return active;
    },
    get pending() {
      return jobs.length;
    },
    run: <T>(fn: () => Promise<T>, signal?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          const at = jobs.indexOf(job);
          if (at >= 0) jobs.splice(at, 1);
          reject(signal?.reason);
        };
        const job: Job = {
          start() {
            signal?.removeEventListener('abort', leave);
            const work = (async () => fn())();
            resolve(work);
            return work;
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        jobs.push(job);
        pump();
      }),
  };
}
