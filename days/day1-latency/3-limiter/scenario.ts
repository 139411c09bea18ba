import type * as Subject from '#days/day1-latency/3-limiter/limiter.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
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

/** What a limiter may take to start a task: some do it in a timer. */
export const DISPATCH_MS = 20;
/** How long one waits who then leaves. */
export const LEAVES_MS = 200;

function countsOf({ active, pending }: ReturnType<typeof Subject.createLimiter>) {
  return { active, pending };
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
    // A moment later, because a task may as well be started in a turn of its own.
    await clock.sleep(DISPATCH_MS);
    const counts = [countsOf(orderly)];
    await Promise.all(inOrder);
    await clock.sleep(DISPATCH_MS);
    counts.push(countsOf(orderly));

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
    const startMs = clock.now();
    let ranAborted = false;
    const first = abortable.run(second);
    const waiting = callAndLeave(clock, LEAVES_MS, (signal) =>
      abortable.run(async () => {
        ranAborted = true;
      }, signal),
    );
    const last = abortable.run(async () => clock.now() - startMs);
    const aborted = await waiting;
    await clock.sleep(DISPATCH_MS);
    counts.push(countsOf(abortable));
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
    // When the user leaves, the second task runs, and the third waits.
    const late = [
      callAndLeave(clock, 'never', () => shared.run(second)),
      callAndLeave(clock, 1500, (signal) => shared.run(second, signal)),
      callAndLeave(clock, 'never', () => shared.run(second)),
    ];
    const abortedLate = await Promise.all(late);

    let ranGone = false;
    const ran = async () => {
      ranGone = true;
    };
    const gone = await callAndLeave(clock, 'before', (signal) => createLimiter(1).run(ran, signal));
    const stayed = await callAndLeave(clock, 'never', (signal) => createLimiter(1).run(second, signal));
    return { mostInside, thrown, afterThrow, abortedLate, gone, ranGone, stayed };
  },
});
