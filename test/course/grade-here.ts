import { type CheckOutcome, runCheck } from '../../lib/check/run-check.ts';
import {
  type CheckSession,
  type DeclaredCheck,
  type Json,
  type Metric,
  newSession,
  withSession,
} from '../../lib/check/session.ts';
import { checkFor } from './subject-plugin.ts';

export interface GradedCheck {
  title: string;
  outcome: CheckOutcome;
}

export interface Graded {
  checks: GradedCheck[];
  metrics: Map<string, Metric>;
  /** Names of the figures that a check has held to their target. */
  judged: Set<string>;
  /** What the checks recorded. */
  data: Record<string, Json>;
  /** The first check that did not pass: the cause that a learner is told first. */
  first: GradedCheck | undefined;
}

let imports = 0;

export interface GradeHereOptions {
  /** Leave out the checks after the first that does not pass: where only the cause is asked for. */
  toFirstFailure?: boolean;
}

let last: Promise<unknown> = Promise.resolve();

/** Grades one subject with a lab's own checks, in this process: one after the other, since a process has one clock. */
export function gradeHere(
  checkFile: string,
  subject: string,
  seed: number,
  options: GradeHereOptions = {},
): Promise<Graded> {
  const graded = last.then(() => gradeNow(checkFile, subject, seed, options));
  last = graded.catch(() => {});
  return graded;
}

async function gradeNow(
  checkFile: string,
  subject: string,
  seed: number,
  { toFirstFailure = false }: GradeHereOptions,
): Promise<Graded> {
  const declared: DeclaredCheck[] = [];
  const session: CheckSession = newSession({
    seed,
    declare: (check) => declared.push(check),
    draws: !toFirstFailure,
  });
  imports += 1;
  const restore = keepGlobals();
  const checks: GradedCheck[] = [];
  try {
    await withSession(session, () => import(/* @vite-ignore */ checkFor(checkFile, subject, imports)));
    for (const check of declared) {
      // All plays are wanted, also those of a step that a learner would not have come to.
      const outcome = await runCheck({ ...check, step: undefined }, session);
      checks.push({ title: check.title, outcome });
      if (toFirstFailure && outcome.status !== 'pass') break;
    }
  } finally {
    restore();
  }
  return {
    checks,
    metrics: session.metrics,
    judged: session.judged,
    data: session.data,
    first: checks.find(({ outcome }) => outcome.status !== 'pass'),
  };
}

/** A failed check in one line, for the message of a test. */
export function describeFailure(check: GradedCheck | undefined): string {
  if (!check) return 'every check passed';
  const { outcome } = check;
  if (outcome.status === 'fail') return `"${check.title}" failed: ${String(outcome.error)}`;
  return `"${check.title}" was ${outcome.status}`;
}

/** Remembers the process's globals and environment; the returned function puts back what a subject has changed. */
function keepGlobals(): () => void {
  const globals = Object.getOwnPropertyDescriptors(globalThis) as Record<string, PropertyDescriptor>;
  const real = process.env;
  const environment = { ...real };
  return () => {
    for (const name of Object.getOwnPropertyNames(globalThis))
      if (!(name in globals)) Reflect.deleteProperty(globalThis, name);
    for (const [name, descriptor] of Object.entries(globals))
      if (
        descriptor.configurable &&
        Object.getOwnPropertyDescriptor(globalThis, name)?.value !== descriptor.value
      )
        Object.defineProperty(globalThis, name, descriptor);
    // The same object: only that one is the environment of the process, which os.tmpdir() reads.
    process.env = real;
    for (const name of Object.keys(real)) if (!(name in environment)) delete real[name];
    Object.assign(real, environment);
  };
}
