import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diffLines } from '../../report/diff.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { replaceFiles } from '../../workbook/backup.ts';
import { shownPath } from '../../workbook/files.ts';
import { labProgress, updateProgress } from '../../workbook/progress.ts';
import { isAttempted, solutionFiles } from '../../workbook/starter.ts';
import { type Lab, learnerFiles, shownFile } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';
import { undoLines } from './reset.ts';

/** Shows the solution against the learner's file, after an attempt or by `force`; `apply` puts it in place. */
export function solution(
  context: Context,
  lab: Lab,
  { force, apply }: { force: boolean; apply: boolean },
): ExitCode {
  // To apply it is to ask for it in so many words, so it counts as forced.
  const { opened, text } = solutionText(context, lab, force || apply);
  if (!opened) return complain(context, text);
  if (!apply) {
    say(context, text);
    return 0;
  }
  const backup = replaceFiles(context.root, lab, solutionFiles(lab));
  say(context, `${shownFile(lab)} is now the solution.`);
  if (backup) say(context, undoLines(backup));
  return 0;
}

/** The solution as a person reads it, or why it is not shown yet. That it was shown is remembered. */
export function solutionText(context: Context, lab: Lab, force: boolean): { opened: boolean; text: string } {
  const missing = solutionFiles(lab).find((path) => !existsSync(path));
  if (missing) return { opened: false, text: `${lab.id} has no solution: ${missing} is missing.` };
  const attempted = isAttempted(lab);
  if (!attempted && !force) return { opened: false, text: refusal(lab) };
  updateProgress(context.root, (progress) => {
    labProgress(progress, lab.key).solution ??= { at: new Date().toISOString(), forced: !attempted };
  });
  return { opened: true, text: wholeText(context, lab) };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function refusal(lab: Lab): string {
  return (
    `The solution opens after an attempt, and ${shownFile(lab)} is still the starter. ` +
    `A hint: npm run lab -- hint ${lab.id}\n` +
    `To see it anyway (this is recorded): npm run lab -- solution ${lab.id} --force`
  );
}

function wholeText({ style, root }: Context, lab: Lab): string {
  const yours = learnerFiles(lab);
  const diffs = solutionFiles(lab).map((path, at) => {
    const own = yours[at];
    const mine = own !== undefined && existsSync(own) ? readFileSync(own, 'utf8') : '';
    return [
      style.paint('bold', shownPath(root, path)),
      style.paint('dim', 'Lines with - are yours, with + the solution.'),
      ...diffLines(mine, readFileSync(path, 'utf8'), style),
    ].join('\n');
  });
  const notes = join(lab.solutionDir, 'NOTES.md');
  return [
    ...diffs,
    ...(existsSync(notes) ? [renderMarkdown(readFileSync(notes, 'utf8'), style)] : []),
    style.paint('dim', `To put it in place (yours is kept): npm run lab -- solution ${lab.id} --apply`),
  ].join('\n\n');
}
