import type { Metric } from '../../check/session.ts';
import { compareTable } from '../../report/compare-table.ts';
import type { Lab } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';
import { gradeAndRecord, openRunner } from '../grading.ts';

/** Shows the figures of the naive version, the learner's and the solution's side by side, on one seed. */
export async function compare(context: Context, course: Course, lab: Lab, seed: number): Promise<ExitCode> {
  const runner = openRunner(context);
  const figures = async (subject: string): Promise<Metric[]> =>
    (await gradeAndRecord(runner, course, lab, { subject, seed }, context.cwd)).metrics;
  const solution = await figures('solution');
  const yours = await figures('yours');
  runner.close();
  if (solution.length === 0)
    return complain(context, `${lab.id} has no figures to compare: its checks judge the answer only.`);
  say(context, context.style.paint('bold', `${lab.id} ${lab.title}`));
  say(context, compareTable(yours, solution, context.style).join('\n'));
  if (yours.length === 0) say(context, `Yours has no figures yet: npm run lab -- check ${lab.id} says why.`);
  return 0;
}
