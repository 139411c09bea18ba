import { existsSync } from 'node:fs';
import { type Backup, backupFiles, backupNames, replaceFiles } from '../../workbook/backup.ts';
import { beforeFiles } from '../../workbook/starter.ts';
import { type Lab, shownFile } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

/** Puts the starter back, or with `undo` the files of a backup. What was there is copied aside first. */
export function reset(context: Context, lab: Lab, undo: string | undefined): ExitCode {
  const sources = undo === undefined ? beforeFiles(lab) : backupFiles(context.root, lab, undo);
  if (!sources) {
    const names = backupNames(context.root, lab).join(', ') || 'none';
    return complain(context, `${lab.id} has no backup "${undo}". Its backups: ${names}.`);
  }
  const missing = sources.find((path) => !existsSync(path));
  if (missing) return complain(context, `${lab.id} cannot be reset: ${missing} is missing.`);
  const backup = replaceFiles(context.root, lab, sources);
  say(
    context,
    `${lab.id} ${lab.title}: ${shownFile(lab)} is ${undo === undefined ? 'the starter again' : `as it was in backup ${undo}`}.`,
  );
  if (backup) say(context, undoLines(backup));
  return 0;
}

/** Where the learner's work went and how to get it back. */
export function undoLines(backup: Backup): string {
  return `Your version was kept in ${backup.shown}.\nTo put it back: ${backup.undo}`;
}
