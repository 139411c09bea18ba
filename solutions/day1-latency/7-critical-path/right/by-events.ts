import type { Parts, PlanOptions, Step } from '#course/day1-latency/contracts/run-plan.ts';

/** Keeps count of what is done, dropped or under way, and after each change starts whatever has become possible. */
export function runPlan(
  steps: Record<string, Step>,
  { critical, onPartial, signal }: PlanOptions,
): Promise<Parts> {
  const parts: Parts = {};
  const dropped = new Set<string>();
  const stops = new Map<string, AbortController>();
  const held = new Map<string, unknown>();

  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      for (const stop of stops.values()) stop.abort(error);
      reject(error);
    };
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });

    const settle = (name: string) => {
      stops.delete(name);
      if (name in parts && critical.every((it) => it in parts)) onPartial({ ...parts });
      advance();
    };

    const drop = (name: string, error?: unknown) => {
      if (dropped.has(name)) return;
      dropped.add(name);
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
          if (dropped.has(name) || stop.signal.aborted) return;
          held.set(name, part);
          advance();
        },
        (error) => drop(name, error),
      );
    };

    const advance = () => {
      for (const [name, step] of Object.entries(steps)) {
        if (name in parts || dropped.has(name)) continue;
        const judge = step.onlyIf?.step;
        const decided = judge === undefined || judge in parts || dropped.has(judge);
        const unwanted =
          judge !== undefined && decided && !(judge in parts && step.onlyIf?.says(parts[judge]));
        const failed = step.needs.find((need) => dropped.has(need));
        if (unwanted || failed !== undefined) return drop(name, new Error(`no ${failed ?? name}`));
        if (held.has(name) && decided) {
          parts[name] = held.get(name);
          return settle(name);
        }
        if (!stops.has(name) && step.needs.every((need) => need in parts)) begin(name, step);
      }
      if (Object.keys(parts).length + dropped.size === Object.keys(steps).length) resolve(parts);
    };
    advance();
  });
}
