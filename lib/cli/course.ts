import { type Progress, readProgress } from '../workbook/progress.ts';
import { readWorkbook, type Workbook } from '../workbook/workbook.ts';
import type { Context, ExitCode } from './context.ts';

/** The workbook as it is now, and what the learner has done in it. */
export interface Course {
  workbook: Workbook;
  progress: Progress;
}

/** Says on stderr why nothing was done. */
export function complain(context: Context, problem: string): ExitCode {
  context.stderr.write(`${problem}\n`);
  return 2;
}

/** Reads workbook and progress anew, and passes on what was wrong with the progress file. */
export function openCourse(context: Context): Course {
  const workbook = readWorkbook(context.root);
  const { progress, notice } = readProgress(context.root);
  if (notice) context.stderr.write(`${notice}\n`);
  return { workbook, progress };
}
