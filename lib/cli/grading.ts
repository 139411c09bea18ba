import { gradeLab } from '../grader/grade.ts';
import type { Runner } from '../grader/runner.ts';
import { recordMeasured } from '../workbook/measured.ts';
import { updateProgress } from '../workbook/progress.ts';
import { appendRun } from '../workbook/runs.ts';
import { type PersonalBest, pointsIn, recordScore } from '../workbook/scores.ts';
import { recordGrade } from '../workbook/status.ts';
import { stepsDone, type Verdict } from '../workbook/verdict.ts';
import type { Lab } from '../workbook/workbook.ts';
import type { Context } from './context.ts';
import type { Course } from './course.ts';
import { openRunner } from './runner.ts';

export interface GradingChoice {
  subject: string;
  seed: number;
  /** True leaves out the compiler's notes. Default false. */
  quick?: boolean;
  /** What the grading is for. A benchmark leaves the progress as it is. Default `check`. */
  command?: 'check' | 'benchmark';
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
  const { status, message, metrics, virtualMs, plays, data } = verdict;
  const about = { command, lab: lab.id, title: lab.title, subject, seed };
  appendRun(root, { ...about, status, message, metrics, virtualMs, plays, ...(data && { data }) });
  if (subject !== 'yours' || command === 'benchmark' || verdict.workbookFault) return verdict;
  let personalBest: PersonalBest | undefined;
  course.progress = updateProgress(root, (progress) => {
    const [passed, at, points] = [status === 'passed', new Date(), pointsIn(data)];
    recordGrade(progress, lab, passed, { hash: verdict.hash, steps: stepsDone(verdict) });
    recordMeasured(progress, lab.key, verdict, at);
    if (passed && points)
      personalBest = recordScore(progress, lab.key, { at: at.toISOString(), seed, ...points });
  });
  return personalBest ? { ...verdict, personalBest } : verdict;
}

/**
 * Grades labs in turn, two at a time, and hands each verdict on in order as soon as it is there. `first` is a runner that
 * has been started already.
 */
export async function gradeMany(
  context: Context,
  course: Course,
  labs: readonly Lab[],
  choice: GradingChoice,
  onVerdict: (verdict: Verdict, lab: Lab) => void,
  first: Runner = openRunner(context),
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const runners = [first, ...labs.slice(1, PARALLEL).map(() => openRunner(context))];
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
