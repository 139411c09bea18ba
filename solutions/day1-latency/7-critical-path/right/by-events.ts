import type { Parts, PlanOptions, Step } from '#course/day1-latency/contracts/run-plan.ts';

/** Keeps count of what is done, dropped or under way, and after each change starts whatever has become possible. */
export function runPlan(
  steps: Record<string, Step>,
  { critical, onPartial, signal }: PlanOptions,
): Promise<Parts> {
  const parts: Parts = {};
  const dropped = new Map<string, unknown>();
  const stops = new Map<string, AbortController>();
  const held = new Map<string, unknown>();

  let over = false;

  return new Promise((resolve, reject) => {
    const leave = () => fail(signal?.reason);
    const fail = (error: unknown) => {
      over = true;
      signal?.removeEventListener('abort', leave);
      for (const stop of stops.values()) stop.abort(error);
      reject(error);
    };
    if (signal?.aborted) return leave();
    signal?.addEventListener('abort', leave);

    const settle = (name: string) => {
      stops.delete(name);
      if (name in parts && critical.every((it) => it in parts)) onPartial({ ...parts });
      advance();
    };

    const drop = (name: string, error?: unknown) => {
      if (dropped.has(name)) return;
      dropped.set(name, error);
      held.delete(name);
      stops.get(name)?.abort(error);
      if (critical.includes(name)) fail(error);
      settle(name);
    };

    const begin = (name: string, { needs, run }: Step) => {
      const stop = new AbortController();
      stops.set(name, stop);
      const inputs = Object.fromEntries(needs.map((need) => [need, parts[need]]));
      run(inputs, stop.signal).then(
        (part) => {
          if (over || dropped.has(name)) return;
          held.set(name, part);
          advance();
        },
        (error) => over || drop(name, error),
      );
    };

    const advance = () => {
      for (const [name, step] of Object.entries(steps)) {
        if (over) return;
        if (name in parts || dropped.has(name)) continue;
        const judge = step.onlyIf?.step;
        const decided = judge === undefined || judge in parts || dropped.has(judge);
        const unwanted =
          judge !== undefined && decided && !(judge in parts && step.onlyIf?.says(parts[judge]));
        const failed = step.needs.find((need) => dropped.has(need));
        if (failed !== undefined) return drop(name, dropped.get(failed));
        if (unwanted) return drop(name, new Error(`${name} is not wanted`));
        if (held.has(name) && decided) {
          parts[name] = held.get(name);
          return settle(name);
        }
        if (!stops.has(name) && step.needs.every((need) => need in parts)) begin(name, step);
      }
      if (over || Object.keys(parts).length + dropped.size < Object.keys(steps).length) return;
      over = true;
      signal?.removeEventListener('abort', leave);
      resolve(parts);
    };
    advance();
  });
}
