import { type DeclaredCheck, session } from './session.ts';

/** Names a check, so that a later one can say that it needs it. */
export interface CheckHandle {
  readonly title: string;
}

export interface CheckOptions {
  /** Checks without which this one cannot be judged: it is skipped when one of them failed. */
  needs?: readonly CheckHandle[];
}

/**
 * Declares one check. The title is a sentence about behaviour and is what the learner reads; the body fails by
 * `hold` (or any thrown error).
 */
export function check(title: string, body: () => Promise<void> | void): CheckHandle;
export function check(title: string, options: CheckOptions, body: () => Promise<void> | void): CheckHandle;
export function check(
  title: string,
  second: CheckOptions | DeclaredCheck['body'],
  third?: DeclaredCheck['body'],
): CheckHandle {
  const body = (typeof second === 'function' ? second : third) as DeclaredCheck['body'];
  const needs = typeof second === 'function' ? [] : (second.needs ?? []).map((handle) => handle.title);
  const { declare, step } = session();
  declare({ title, needs, body, ...(step !== undefined && { step }) });
  return { title };
}

/**
 * The checks that follow belong to this step of the lab, and wait until those of the steps before pass. The task's heading
 * names it: "### Step 2: …".
 */
export function step(number: number): void {
  session().step = number;
}
