import type { Parts, PlanOptions, Step } from '#course/day1-latency/contracts/run-plan.ts';

/** Runs the steps of a page and returns all parts that are wanted and did not fail. */
export async function runPlan(
  steps: Record<string, Step>,
  { critical, onPartial, signal }: PlanOptions,
): Promise<Parts> {
  const parts: Parts = {};
  const page = new AbortController();
  const gone = signal ? AbortSignal.any([signal, page.signal]) : page.signal;
  const started: Record<string, Promise<unknown>> = {};
  for (const [name, step] of Object.entries(steps)) started[name] = perform(name, step);
  // A part that fails is heard by those who need it. That nobody does must not end the process.
  const all = Promise.allSettled(Object.values(started));
  try {
    await Promise.all(critical.map((name) => started[name]));
    await all;
    gone.throwIfAborted();
    return parts;
  } catch (error) {
    page.abort(error);
    throw gone.reason;
  }

  async function perform(name: string, { needs, run, onlyIf }: Step): Promise<unknown> {
    const unwanted = new AbortController();
    const decided = onlyIf && decide(onlyIf, unwanted);
    const inputs: Parts = {};
    await Promise.all(
      needs.map(async (need) => {
        inputs[need] = await started[need];
      }),
    );
    const stop = AbortSignal.any([gone, unwanted.signal]);
    stop.throwIfAborted();
    const part = await run(inputs, stop);
    await decided;
    stop.throwIfAborted();
    parts[name] = part;
    if (critical.every((it) => it in parts)) onPartial(parts);
    return part;
  }

  async function decide(
    { step, says }: NonNullable<Step['onlyIf']>,
    unwanted: AbortController,
  ): Promise<void> {
    const wanted = await (started[step] ?? Promise.reject()).then(says, () => false);
    if (!wanted) unwanted.abort(new Error('The part is not wanted.'));
  }
}
