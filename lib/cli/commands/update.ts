import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { shownPath, stateDir } from '../../workbook/files.ts';
import { copyCourse, type FileUpdate, readStarters, reconcile } from '../../workbook/update.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

/**
 * Brings in new course content without touching the learner's work: from a folder with a newer workbook, or, in a
 * git clone, from the branch it follows.
 */
export function update(context: Context, from: string | undefined): ExitCode {
  const { root } = context;
  // What the files began from must be known before the new starters arrive.
  const began = readStarters(root);
  const arrival = from === undefined ? pull(root) : copyFrom(context, resolve(context.cwd, from));
  if (!arrival.ok) return complain(context, arrival.problem);
  say(context, arrival.said);
  const updates = reconcile(root, began);
  for (const each of updates) say(context, sentence(each));
  if (updates.length === 0) say(context, 'No starter has changed; your files are as they were.');
  if (arrival.packages) say(context, 'The packages have changed: run `npm install`.');
  return 0;
}

// --- arrival -----------------------------------------------------------------------------------------------------

type Arrival = { ok: true; said: string; packages: boolean } | { ok: false; problem: string };

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

/** Takes the learner's changes out of git's way, moves on to what the branch has now, and puts them back. */
function pull(root: string): Arrival {
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: root, encoding: 'utf8', windowsHide: true });
  const lines = (...args: string[]) =>
    git(...args)
      .stdout.split('\n')
      .filter(Boolean);
  if (git('rev-parse', '--abbrev-ref', '@{upstream}').status !== 0) {
    const problem =
      'This folder follows no git branch. Name a folder with a newer workbook: npm run lab -- update DIR';
    return { ok: false, problem };
  }
  const fetched = git('fetch', '--quiet');
  if (fetched.status !== 0) return { ok: false, problem: `git could not fetch: ${fetched.stderr.trim()}` };
  const [old = ''] = lines('rev-parse', 'HEAD');
  if (lines('rev-parse', '@{upstream}')[0] === old)
    return { ok: true, said: 'The course is up to date.', packages: false };
  const putBack = setAside(root, lines('diff', '--name-only', 'HEAD'));
  git('reset', '--hard', '--quiet');
  const merged = git('merge', '--ff-only', '--quiet', '@{upstream}');
  putBack();
  if (merged.status !== 0) {
    const problem = `git could not move on to the new course; your files are as they were. It said: ${merged.stderr.trim()}`;
    return { ok: false, problem };
  }
  const changed = lines('diff', '--name-only', old, 'HEAD');
  return {
    ok: true,
    said: `${changed.length} files of the course are new.`,
    packages: changed.includes('package.json'),
  };
}

/** Copies changed files to the backups and gives the function that puts them back, deleted ones included. */
function setAside(root: string, files: readonly string[]): () => void {
  const aside = backupDir(root);
  for (const file of files) copyIfThere(join(root, file), join(aside, file));
  return () => {
    for (const file of files) {
      if (existsSync(join(aside, file))) copyIfThere(join(aside, file), join(root, file));
      else rmSync(join(root, file), { force: true });
    }
  };
}

function copyIfThere(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function backupDir(root: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return join(stateDir(root), 'backups', `update-${time}`);
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
