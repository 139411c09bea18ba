import { inject, type TestContext, test } from 'vitest';
import { CheckFailure, type Finding } from './failure.ts';
import { runCheck } from './run-check.ts';
import {
  type CheckSession,
  type DeclaredCheck,
  type Elsewhere,
  type Json,
  type Metric,
  newSession,
  onFirstUse,
  type PlayTrace,
} from './session.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Draws all randomness of a run. Default 1. */
    seed?: number;
    /** By path of a check file: path of the pristine starter on which "before" is to be measured in the same run. */
    before?: Record<string, string>;
  }
  interface TaskMeta {
    check?: CheckReport;
  }
}

/** What a check leaves on its vitest task for a reporter to read. */
export interface CheckReport {
  needs: readonly string[];
  step?: number;
  finding?: Finding;
  /** Why the check was not run, when it was skipped. */
  skipped?: string;
  /** All figures of the lab measured so far. */
  metrics: Metric[];
  /** True once every play with figures was measured on the naive version too. */
  whole?: boolean;
  /** The plays so far. */
  plays: PlayTrace[];
  /** What the scenarios drew of them. */
  charts: string[];
  /** What the checks recorded so far. */
  data?: Record<string, Json>;
}

/** A setup file of vitest: where no session is set up for a check file, each of its checks is a vitest test. */
onFirstUse(() => {
  const before = inject('before')?.[testPath()];
  const made: CheckSession = newSession({
    seed: inject('seed') ?? 1,
    elsewhere: (globalThis as { workbookElsewhere?: Elsewhere }).workbookElsewhere,
    loadBefore: before ? () => import(/* @vite-ignore */ before) : undefined,
    declare: (declared) => {
      test(declared.title, (context) => judge(context, declared, made));
    },
  });
  return made;
});

function testPath(): string {
  // vitest gives the path of the running file to matchers only, and from this state.
  return (globalThis as { __vitest_worker__?: { filepath?: string } }).__vitest_worker__?.filepath ?? '';
}

async function judge(context: TestContext, declared: DeclaredCheck, made: CheckSession): Promise<void> {
  const outcome = await runCheck(declared, made);
  const { plays, charts = [], data } = made;
  const metrics = [...made.metrics.values()];
  const whole = made.unplayed === 0;
  const { needs, step } = declared;
  const report: CheckReport = { needs, step, metrics, whole, plays, charts, data };
  context.task.meta.check = report;
  if (outcome.status === 'skipped') {
    report.skipped = outcome.why;
    context.skip(outcome.why);
  }
  if (outcome.status === 'fail') {
    if (outcome.error instanceof CheckFailure) report.finding = outcome.error.finding;
    throw outcome.error;
  }
}
