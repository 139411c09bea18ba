import type * as Subject from '#days/day1-latency/3-limiter/limiter.ts';
import { defineScenario, leastEffort, modelFor, sum } from '#lib/provider';
import { provider } from '../provider.ts';

export const PLACES = 10;
const TASKS = 200;
/** At Azure a deployment has a name of its own; which model answers there, and how it thinks, is another question. */
const DEPLOYMENT = { model: 'chat-sweden', reasoning_effort: leastEffort(modelFor('small')) };

/** Two hundred descriptions to write, on a deployment with ten places and a slow tail. */
export const scenario = defineScenario({
  provider,
  traffic: () => Array.from({ length: TASKS }, (_, i) => `Describe product ${4000 + i} in three sentences.`),
  play(subject: typeof Subject, { azure, traffic }) {
    const limiter = subject.createLimiter(PLACES);
    return Promise.allSettled(
      traffic.map((content) =>
        limiter.run(() =>
          azure.chat.completions.create(
            { ...DEPLOYMENT, messages: [{ role: 'user', content }] },
            { maxRetries: 0 },
          ),
        ),
      ),
    );
  },
  readings({ settledMs, traffic, quote }) {
    const durations = traffic.map(
      (content) => quote('azure', { ...DEPLOYMENT, messages: [{ role: 'user', content }] }).totalMs,
    );
    return {
      makespan: {
        unit: 'ms',
        better: 'lower',
        value: settledMs,
        // A free place takes the next task at once: what a first-come queue makes of these durations, and some air.
        target: firstCome(durations, PLACES) * 1.15,
        limit: Math.max(sum(durations) / PLACES, ...durations),
      },
    };
  },
});

/** Makespan of tasks that start in order, each on the place that is free first. */
function firstCome(durations: number[], places: number): number {
  const freeAtMs = Array.from({ length: places }, () => 0);
  for (const duration of durations) {
    const next = freeAtMs.indexOf(Math.min(...freeAtMs));
    freeAtMs[next] = (freeAtMs[next] ?? 0) + duration;
  }
  return Math.max(...freeAtMs);
}

/** What the corners of the contract look like: no provider, only tasks that take a second each. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ createLimiter }: typeof Subject, { clock }) {
    const second = () => clock.sleep(1000);

    const orderly = createLimiter(2);
    const started: number[] = [];
    const inOrder = Array.from({ length: 6 }, (_, i) =>
      orderly.run(() => {
        started.push(i);
        return second();
      }),
    );
    // A moment later, because a task may as well be started in a microtask.
    await clock.sleep(1);
    const counts = { active: orderly.active, pending: orderly.pending };
    await Promise.all(inOrder);

    const failing = createLimiter(2);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) =>
        failing.run(async () => {
          await second();
          if (i % 2 === 0) throw new Error(`task ${i} failed`);
          return i;
        }),
      ),
    );

    const abortable = createLimiter(1);
    const user = new AbortController();
    const startMs = clock.now();
    let ranAborted = false;
    const first = abortable.run(second);
    const waiting = abortable
      .run(async () => {
        ranAborted = true;
      }, user.signal)
      .then(
        () => 'it resolved',
        (reason: unknown) => ({ reason, afterMs: clock.now() - startMs }),
      );
    const last = abortable.run(async () => clock.now() - startMs);
    await clock.sleep(200);
    user.abort(new Error('the user left'));
    const aborted = await waiting;
    await first;
    return { started, counts, outcomes, aborted, ranAborted, lastStartedAfterMs: await last };
  },
});

/** More than any task here has to wait. */
const LONG_MS = 60_000;

/** The moments in which places change hands, and tasks that end or leave in an unusual one. */
export const handovers = defineScenario({
  traffic: () => null,
  async play({ createLimiter }: typeof Subject, { clock }) {
    const second = () => clock.sleep(1000);
    const inTime = <T>(task: Promise<T>): Promise<string> =>
      Promise.race([
        task.then(
          () => 'done',
          (reason: unknown) => String(reason),
        ),
        clock.sleep(LONG_MS).then(() => 'never settled'),
      ]);

    const crowded = createLimiter(1);
    let inside = 0;
    let mostInside = 0;
    const enter = async () => {
      inside += 1;
      mostInside = Math.max(mostInside, inside);
      await second();
      inside -= 1;
    };
    // The place changes hands somewhere in the turns of the microtask queue after the end of the first task.
    const newcomers = async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        void inTime(crowded.run(enter));
        await Promise.resolve();
      }
    };
    await Promise.all([
      inTime(crowded.run(() => enter().finally(() => void newcomers()))),
      inTime(crowded.run(enter)),
    ]);
    await clock.sleep(LONG_MS);

    const careless = createLimiter(1);
    const throwsAtOnce = () => {
      throw new Error('no connection');
    };
    const thrown = await inTime(Promise.resolve().then(() => careless.run(throwsAtOnce)));
    const afterThrow = await inTime(careless.run(second));

    const shared = createLimiter(1);
    const user = new AbortController();
    const served = [shared.run(second), shared.run(second, user.signal), shared.run(second)].map(inTime);
    // By now the second task runs, and the third waits.
    setTimeout(() => user.abort(new Error('the user left')), 1500);
    const abortedLate = await Promise.all(served);

    let ranGone = false;
    const ran = async () => {
      ranGone = true;
    };
    const gone = await inTime(createLimiter(1).run(ran, AbortSignal.abort(new Error('the user left'))));
    return { mostInside, thrown, afterThrow, abortedLate, gone, ranGone };
  },
});
