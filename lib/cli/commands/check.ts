import { appendFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Runner } from '../../grader/runner.ts';
import { classroomPayload, ctrfReport, junitXml } from '../../report/exports.ts';
import { checkJson } from '../../report/json.ts';
import { verdictScreen } from '../../report/verdict-screen.ts';
import { plainJson } from '../../report/visible.ts';
import type { Verdict } from '../../workbook/verdict.ts';
import { workbookVersion } from '../../workbook/version.ts';
import { type Lab, shownFile } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import type { Course } from '../course.ts';
import { type GradingChoice, gradeMany } from '../grading.ts';

/** Where results go besides the screen: paths as they were given. */
export interface ResultFiles {
  junit?: string;
  ctrf?: string;
  classroom?: string;
}

/** Grades labs and shows the verdicts, on stdout as text or as one JSON document. `runner` may be started already. */
export async function check(
  context: Context,
  course: Course,
  labs: readonly Lab[],
  choice: GradingChoice & { json: boolean; files: ResultFiles },
  runner?: Runner,
): Promise<ExitCode> {
  const show = (verdict: Verdict, lab: Lab) => {
    if (!choice.json) say(context, `${verdictScreen(verdict, lab, context.root, context.style)}\n`);
  };
  if (!choice.json && context.stderr.isTTY)
    context.stderr.write(`Checking ${labs.map((lab) => lab.id).join(', ')}\n\n`);
  const verdicts = await gradeMany(context, course, labs, choice, show, runner);
  if (choice.json) say(context, plainJson(checkJson(verdicts, workbookVersion(), process.versions.node), 2));
  else if (labs.length > 1) say(context, closingLine(verdicts, labs));
  writeFiles(context, choice.files, verdicts);
  if (verdicts.length === 0 || verdicts.some((verdict) => verdict.workbookFault)) return 2;
  return verdicts.every((verdict) => verdict.status === 'passed') ? 0 : 1;
}

function writeFiles(
  { cwd }: Context,
  { junit, ctrf, classroom }: ResultFiles,
  verdicts: readonly Verdict[],
): void {
  if (junit) writeFileSync(resolve(cwd, junit), junitXml(verdicts));
  if (ctrf)
    writeFileSync(resolve(cwd, ctrf), `${JSON.stringify(ctrfReport(verdicts, Date.now()), null, 2)}\n`);
  // The file of a workflow's step outputs ($GITHUB_OUTPUT), to which every step appends.
  if (classroom) appendFileSync(resolve(cwd, classroom), `result=${classroomPayload(verdicts)}\n`);
}

function closingLine(verdicts: readonly Verdict[], labs: readonly Lab[]): string {
  const open = labs.filter((_, at) => verdicts[at]?.status !== 'passed');
  const [first] = open;
  if (!first) return `All ${labs.length} labs passed.`;
  return `${labs.length - open.length} of ${labs.length} labs passed. Next: ${first.id}, in ${shownFile(first)}`;
}
