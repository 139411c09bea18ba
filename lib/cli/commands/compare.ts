import { compareTable } from '../../report/compare-table.ts';
import type { Verdict } from '../../workbook/verdict.ts';
import type { Lab } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';
import { gradeAndRecord } from '../grading.ts';
import { openRunner } from '../runner.ts';

/** Shows the figures of the naive version, the learner's and the solution's side by side, on one seed. */
export async function compare(context: Context, course: Course, lab: Lab, seed: number): Promise<ExitCode> {
  const runner = openRunner(context);
  const grade = (subject: string): Promise<Verdict> =>
    gradeAndRecord(runner, course, lab, { subject, seed, quick: true }, context.cwd);
  const solution = await grade('solution');
  const yours = await grade('yours');
  runner.close();
  if (solution.metrics.length === 0)
    return complain(context, `${lab.id} has no figures to compare: its checks judge the answer only.`);
  say(context, context.style.paint('bold', `${lab.id} ${lab.title}`));
  say(context, compareTable(yours.metrics, solution.metrics, context.style).join('\n'));
  for (const { subject, charts } of [yours, solution])
    if (charts.length > 0) say(context, `\n${subject}:\n${charts.join('\n\n').replace(/^/gm, '  ')}`);
  if (yours.metrics.length === 0)
    say(context, `Yours has no figures yet: npm run lab -- check ${lab.id} says why.`);
  return 0;
}
