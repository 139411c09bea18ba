import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readText, shownPath, stateDir } from '../../workbook/files.ts';
import { readProgress } from '../../workbook/progress.ts';
import { isAttempted } from '../../workbook/starter.ts';
import { standing } from '../../workbook/status.ts';
import { copyCourse, type FileUpdate, readStarters, reconcile } from '../../workbook/update.ts';
import { allLabs, readWorkbook } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';
import { type Arrival, pull } from '../pull.ts';

/**
 * Brings in new course content without touching the learner's work: from a folder with a newer workbook, or, in a
 * git clone, from the branch it follows.
 */
export function update(context: Context, from: string | undefined): ExitCode {
  const { root } = context;
  // What the files began from must be known before the new starters arrive.
  const began = readStarters(root);
  const known = changesIn(root);
  const arrival =
    from === undefined ? pull(root, backupDir(root)) : copyFrom(context, resolve(context.cwd, from));
  if (!arrival.ok) return complain(context, arrival.problem);
  say(context, arrival.said);
  const updates = reconcile(root, began);
  for (const each of updates) say(context, sentence(each));
  if (updates.length === 0) say(context, 'No starter has changed; your files are as they were.');
  const asked = newlyAsked(root, known);
  if (asked.length > 0)
    say(context, `\nWhat your labs newly ask; a lab that you passed stays passed:\n${asked.join('\n')}`);
  if (arrival.packages) say(context, 'The packages have changed: run `npm install`.');
  return 0;
}

// --- arrival -----------------------------------------------------------------------------------------------------

function copyFrom({ root }: Context, from: string): Arrival {
  if (!existsSync(join(from, 'days')) || !existsSync(join(from, 'solutions'))) {
    return { ok: false, problem: `${from} is no workbook: it has no folders \`days\` and \`solutions\`.` };
  }
  if (from === root)
    return { ok: false, problem: 'This is the workbook itself. Name the folder of a newer one.' };
  const backup = backupDir(root);
  const changed = copyCourse(from, root, backup);
  const kept = existsSync(backup) ? ` What they replaced is in ${shownPath(root, backup)}.` : '';
  return {
    ok: true,
    said: `${changed.length} files of the course are new.${kept}`,
    packages: changed.includes('package.json'),
  };
}

function backupDir(root: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return join(stateDir(root), 'backups', `update-${time}`);
}

// --- what is new ---------------------------------------------------------------------------------------------------

/** The lines of the changelog, each about one lab: "- day1.2: TPOT counts no hidden tokens". */
function changesIn(root: string): string[] {
  return (readText(join(root, 'CHANGELOG.md')) ?? '').split('\n').filter((line) => line.startsWith('- '));
}

/** What has arrived for labs that the learner has begun. */
function newlyAsked(root: string, known: readonly string[]): string[] {
  const { progress } = readProgress(root);
  const standings = new Map(
    allLabs(readWorkbook(root)).map((lab) => [lab.id, { lab, ...standing(lab, progress) }]),
  );
  return changesIn(root).filter((line) => {
    const of = standings.get(/^- (day\d+\.\d+):/.exec(line)?.[1] ?? '');
    if (!of) return false;
    // The first edition could not say it when this one arrived.
    return of.earlierEdition || (!known.includes(line) && (of.status !== 'todo' || isAttempted(of.lab)));
  });
}

// --- words -------------------------------------------------------------------------------------------------------

function sentence({ file, fate, beside }: FileUpdate): string {
  switch (fate) {
    case 'replaced':
      return `${file} was untouched and is the new starter now.`;
    case 'added':
      return `${file} is new.`;
    default:
      return `${file} has your work, so it stays. The new starter is beside it: ${beside}`;
  }
}
