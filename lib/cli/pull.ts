import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shownPath } from '../workbook/files.ts';
import { allLabs, learnerFiles, readWorkbook } from '../workbook/workbook.ts';

/** How new course content came, or why it did not. */
export type Arrival = { ok: true; said: string; packages: boolean } | { ok: false; problem: string };

/**
 * Moves a git clone on to what the branch that it follows has now. The learner's changes, committed or not, tracked or
 * not, are copied to `backup` first. Their files of labs are as they were afterwards; of other files that both sides
 * changed, the course's version counts and the learner's stays in the backup.
 */
export function pull(root: string, backup: string): Arrival {
  const git = gitIn(root);
  if (!git('rev-parse', '--abbrev-ref', '@{upstream}').ok) {
    const problem =
      'This folder follows no git branch. Name a folder with a newer workbook: npm run lab -- update DIR';
    return { ok: false, problem };
  }
  const fetched = git('fetch', '--quiet');
  if (!fetched.ok) return { ok: false, problem: `git could not fetch: ${fetched.said}` };
  const news = git('diff', '--name-only', '-z', 'HEAD...@{upstream}').names;
  if (news.length === 0) return { ok: true, said: 'The course is up to date.', packages: false };

  const theirs = new Set(allLabs(readWorkbook(root)).flatMap(learnerFiles));
  const changed = git('diff', '--name-only', '-z', 'HEAD').names;
  const untracked = git('ls-files', '--others', '--exclude-standard', '-z').names;
  const inTheWay = untracked.filter((file) => news.includes(file));
  const tracked = git('ls-files', '-z').names;
  const ofLabs = tracked.filter((file) => theirs.has(join(root, file)) && news.includes(file));
  const aside = [...new Set([...changed, ...inTheWay, ...ofLabs])];
  for (const file of aside) copyIfThere(join(root, file), join(backup, file));
  const putBack = (file: string) => {
    if (existsSync(join(backup, file))) copyIfThere(join(backup, file), join(root, file));
    else rmSync(join(root, file), { force: true });
  };

  git('reset', '--hard', '--quiet');
  for (const file of inTheWay) rmSync(join(root, file));
  const merged = merge(git);
  const conflicts = merged.ok ? aside.filter((file) => isCourse(file, news, theirs, root)) : [];
  for (const file of aside) if (!conflicts.includes(file)) putBack(file);
  if (!merged.ok) {
    const problem = `git could not move on to the new course; your files are as they were. It said: ${merged.said}`;
    return { ok: false, problem };
  }
  return {
    ok: true,
    said: sentences(news, conflicts, shownPath(root, backup)),
    packages: news.includes('package.json'),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

interface Answer {
  ok: boolean;
  said: string;
  /** Of a command that lists files with `-z`. */
  names: string[];
}

type Git = (...args: string[]) => Answer;

function gitIn(root: string): Git {
  return (...args) => {
    const { status, stdout, stderr, error } = spawnSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      windowsHide: true,
    });
    const said = error ? error.message : `${stderr ?? ''}${stdout ?? ''}`.trim();
    return { ok: status === 0, said, names: (stdout ?? '').split('\0').filter(Boolean) };
  };
}

/** Commits of the learner's own are kept by a merge; where both sides changed a line, theirs stands. */
function merge(git: Git): Answer {
  const forward = git('merge', '--ff-only', '--quiet', '@{upstream}');
  if (forward.ok) return forward;
  const who = ['-c', 'user.name=workbook', '-c', 'user.email=workbook@localhost'];
  const merged = git(...who, 'merge', '--no-edit', '--quiet', '-X', 'ours', '@{upstream}');
  if (!merged.ok) git('merge', '--abort');
  return merged;
}

/** A file that the update brings and that is not the learner's to keep as it was. */
function isCourse(file: string, news: readonly string[], theirs: ReadonlySet<string>, root: string): boolean {
  return news.includes(file) && !theirs.has(join(root, file));
}

function sentences(news: readonly string[], conflicts: readonly string[], backup: string): string {
  const lines = [`${news.length} files of the course are new.`];
  if (conflicts.length > 0)
    lines.push(`You had changed ${conflicts.join(', ')}, and so has the course. Yours is kept in ${backup}.`);
  return lines.join('\n');
}

function copyIfThere(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
