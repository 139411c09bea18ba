/** Results of steps, by name. */
export type Parts = Record<string, unknown>;

export interface Step {
  /** Steps whose results `run` is given. A plan lists every step after those that it names. */
  needs: string[];
  run(inputs: Parts, signal: AbortSignal): Promise<unknown>;
  /** The part is only wanted if the result of that step says so. Its work may start before that is known. */
  onlyIf?: { step: string; says(result: unknown): boolean };
}

export interface PlanOptions {
  /** Parts without which there is no page. A step that these need is as important. */
  critical: string[];
  /** Shows what there is: first when all critical parts are there, then again with each part that comes later. */
  onPartial(parts: Parts): void;
  /** Aborted when the user leaves. */
  signal?: AbortSignal;
}

export const rejectedBy = 'adds each later part to the page when it comes';

/** Relies on the decision being faster than the work: where it is slow, the page shows what nobody may want. */
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
    if (onlyIf) void decide(onlyIf, unwanted);
    const inputs: Parts = {};
    await Promise.all(
      needs.map(async (need) => {
        inputs[need] = await started[need];
      }),
    );
    const stop = AbortSignal.any([gone, unwanted.signal]);
    stop.throwIfAborted();
    const part = await run(inputs, stop);
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
