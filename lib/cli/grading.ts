import { gradeLab } from '../grader/grade.ts';
import { createRunner, type Runner } from '../grader/runner.ts';
import { updateProgress } from '../workbook/progress.ts';
import { appendRun } from '../workbook/runs.ts';
import { recordGrade } from '../workbook/status.ts';
import type { Verdict } from '../workbook/verdict.ts';
import type { Lab } from '../workbook/workbook.ts';
import type { Context } from './context.ts';
import type { Course } from './course.ts';

export interface GradingChoice {
  subject: string;
  seed: number;
  /** True leaves out the compiler's notes. Default false. */
  quick?: boolean;
  /** What the grading is for. A benchmark leaves the progress as it is. Default `check`. */
  command?: 'check' | 'benchmark';
}

/** A runner that is ended with the program, whatever ends it. */
export function openRunner(context: Context): Runner {
  const runner = createRunner({ root: context.root, env: context.env });
  context.onStop(() => runner.close());
  return runner;
}

/** Grades one lab and remembers how the learner's own file did. */
export async function gradeAndRecord(
  runner: Runner,
  course: Course,
  lab: Lab,
  { subject, seed, quick, command = 'check' }: GradingChoice,
  cwd: string,
): Promise<Verdict> {
  const verdict = await gradeLab(runner, lab, { ...course, subject, seed, cwd, quick });
  const { root } = course.workbook;
  const { status, message, metrics, virtualMs, plays } = verdict;
  const about = { command, lab: lab.id, title: lab.title, subject, seed };
  appendRun(root, { ...about, status, message, metrics, virtualMs, plays });
  if (subject !== 'yours' || command === 'benchmark') return verdict;
  course.progress = updateProgress(root, (progress) =>
    recordGrade(progress, lab, verdict.status === 'passed'),
  );
  return verdict;
}

/** Grades labs in turn, two at a time, and hands each verdict on in order as soon as it is there. */
export async function gradeMany(
  context: Context,
  course: Course,
  labs: readonly Lab[],
  choice: GradingChoice,
  onVerdict: (verdict: Verdict, lab: Lab) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const runners = labs.slice(0, PARALLEL).map(() => openRunner(context));
  for (const runner of runners) runner.warmUp();
  let next = 0;
  let shown = 0;
  const work = async (runner: Runner): Promise<void> => {
    for (;;) {
      const at = next;
      next += 1;
      const lab = labs[at];
      if (!lab) return runner.close();
      verdicts[at] = await gradeAndRecord(runner, course, lab, choice, context.cwd);
      for (let verdict = verdicts[shown]; verdict; verdict = verdicts[shown]) {
        const graded = labs[shown];
        if (graded) onVerdict(verdict, graded);
        shown += 1;
      }
    }
  };
  await Promise.all(runners.map(work));
  return verdicts;
}

const PARALLEL = 2;
