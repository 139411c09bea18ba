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

export const rejectedBy = 'shows the critical parts as soon as they are there';

/** Awaits one step after the other, in the order of the list. */
export async function runPlan(
  steps: Record<string, Step>,
  { critical, onPartial, signal = new AbortController().signal }: PlanOptions,
): Promise<Parts> {
  const parts: Parts = {};
  for (const [name, { run, onlyIf }] of Object.entries(steps)) {
    signal.throwIfAborted();
    if (onlyIf && !onlyIf.says(parts[onlyIf.step])) continue;
    try {
      parts[name] = await run(parts, signal);
    } catch (error) {
      if (critical.includes(name)) throw error;
      continue;
    }
    if (critical.every((it) => it in parts)) onPartial(parts);
  }
  return parts;
}
