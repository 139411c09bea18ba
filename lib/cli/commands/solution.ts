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
  const missing = solutionFiles(lab).find((path) => !existsSync(path));
  if (missing) return complain(context, `${lab.id} has no solution: ${missing} is missing.`);
  // To apply it is to ask for it in so many words, so it counts as forced.
  const attempted = isAttempted(lab);
  if (!attempted && !force && !apply) return refuse(context, lab);
  updateProgress(context.root, (progress) => {
    labProgress(progress, lab.key).solution ??= { at: new Date().toISOString(), forced: !attempted };
  });
  if (!apply) {
    showSolution(context, lab);
    return 0;
  }
  const backup = replaceFiles(context.root, lab, solutionFiles(lab));
  say(context, `${shownFile(lab)} is now the solution.`);
  if (backup) say(context, undoLines(backup));
  return 0;
}

// --- helpers -----------------------------------------------------------------------------------------------------

function refuse(context: Context, lab: Lab): ExitCode {
  return complain(
    context,
    `The solution opens after an attempt, and ${shownFile(lab)} is still the starter. A hint: npm run lab -- hint ${lab.id}\n` +
      `To see it anyway (this is recorded): npm run lab -- solution ${lab.id} --force`,
  );
}

function showSolution(context: Context, lab: Lab): void {
  const { style, root } = context;
  const yours = learnerFiles(lab);
  solutionFiles(lab).forEach((path, at) => {
    const own = yours[at];
    const theirs = readFileSync(path, 'utf8');
    say(context, style.paint('bold', shownPath(root, path)));
    say(context, style.paint('dim', 'Lines with - are yours, with + the solution.'));
    const mine = own !== undefined && existsSync(own) ? readFileSync(own, 'utf8') : '';
    say(context, `${diffLines(mine, theirs, style).join('\n')}\n`);
  });
  const notes = join(lab.solutionDir, 'NOTES.md');
  if (existsSync(notes)) say(context, renderMarkdown(readFileSync(notes, 'utf8'), style));
  say(
    context,
    style.paint('dim', `To put it in place (yours is kept): npm run lab -- solution ${lab.id} --apply`),
  );
}
