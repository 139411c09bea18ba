import type { Parts, PlanOptions, Step } from '#course/day1-latency/contracts/run-plan.ts';

/** Runs the steps of a page and returns all parts that are wanted and did not fail. */
export async function runPlan(
  steps: Record<string, Step>,
  { onPartial, signal = new AbortController().signal }: PlanOptions,
): Promise<Parts> {
  const parts: Parts = {};
  // TODO: every step waits for all those before it, and the page is empty until the last one has ended.
  for (const [name, { run, onlyIf }] of Object.entries(steps)) {
    signal.throwIfAborted();
    if (onlyIf && !onlyIf.says(parts[onlyIf.step])) continue;
    parts[name] = await run(parts, signal);
  }
  onPartial(parts);
  return parts;
}
