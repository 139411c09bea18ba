import type { Parts, PlanOptions, Step } from '#course/day1-latency/contracts/run-plan.ts';

/** How a step ended: nothing here rejects, so nothing is ever unhandled. */
type Ended = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Each step asks for what it needs, and is made when it is first asked for. */
export async function runPlan(
  steps: Record<string, Step>,
  { critical, onPartial, signal }: PlanOptions,
): Promise<Parts> {
  signal?.throwIfAborted();
  const page = new AbortController();
  const asked = new Map<string, Promise<Ended>>();
  const parts: Parts = {};
  const over = new Promise<never>((_, reject) => {
    page.signal.addEventListener('abort', () => reject(page.signal.reason));
  });
  const leave = () => page.abort(signal?.reason);
  signal?.addEventListener('abort', leave);
  try {
    for (const name of critical) void get(name).then((end) => end.ok || page.abort(end.error));
    await Promise.race([Promise.all(Object.keys(steps).map(get)), over]);
    return parts;
  } finally {
    signal?.removeEventListener('abort', leave);
  }

  function get(name: string): Promise<Ended> {
    const step = steps[name];
    const end = asked.get(name) ?? (step ? make(name, step) : Promise.reject(new Error(`no ${name}`)));
    asked.set(name, end);
    return end;
  }

  async function make(name: string, { needs, run, onlyIf }: Step): Promise<Ended> {
    const own = new AbortController();
    const stop = AbortSignal.any([page.signal, own.signal]);
    const wanted = onlyIf === undefined || get(onlyIf.step).then((end) => end.ok && onlyIf.says(end.value));
    void Promise.resolve(wanted).then((yes) => yes || own.abort(new Error('not wanted')));
    const inputs: Parts = {};
    for (const need of needs) {
      const end = await get(need);
      if (!end.ok) return end;
      inputs[need] = end.value;
    }
    try {
      stop.throwIfAborted();
      const value = await run(inputs, stop);
      await wanted;
      stop.throwIfAborted();
      parts[name] = value;
      if (critical.every((each) => each in parts)) onPartial({ ...parts });
      return { ok: true, value };
    } catch (error) {
      return { ok: false, error };
    }
  }
}
