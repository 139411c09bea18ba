import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isFile, shownPath, stateDir } from './files.ts';
import { type Lab, learnerFiles } from './workbook.ts';

export interface Backup {
  /** Name of the backup, for `restore`. */
  name: string;
  /** The command that puts the files back. */
  undo: string;
  /** Where the copies are, from the root of the workbook. */
  shown: string;
}

/** Replaces the learner's files by copies of others, file by file, after copying what was there aside. */
export function replaceFiles(root: string, lab: Lab, sources: readonly string[]): Backup | undefined {
  const backup = backUp(root, lab);
  learnerFiles(lab).forEach((target, index) => {
    const source = sources[index];
    if (source === undefined) return;
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    cpSync(source, target, { recursive: true });
  });
  return backup;
}

/** Copies the learner's files aside. Undefined when there is nothing to copy. */
export function backUp(root: string, lab: Lab): Backup | undefined {
  const present = learnerFiles(lab).filter((path) => existsSync(path));
  if (present.length === 0) return undefined;
  const name = freeName(root, lab);
  const dir = join(backupsDir(root, lab), name);
  mkdirSync(dir, { recursive: true });
  for (const path of present) {
    const aside = join(dir, basename(path));
    // What else took the file's place (a folder, a pipe) is moved, not read.
    if (isFile(path)) cpSync(path, aside);
    else renameSync(path, aside);
  }
  return { name, shown: shownPath(root, dir), undo: `npm run lab -- reset ${lab.id} --undo ${name}` };
}

/** Files of a backup in the order of the lab's files, or undefined when there is no such backup. */
export function backupFiles(root: string, lab: Lab, name: string): string[] | undefined {
  const dir = join(backupsDir(root, lab), basename(name));
  return existsSync(dir) ? lab.files.map((file) => join(dir, file)) : undefined;
}

export function backupNames(root: string, lab: Lab): string[] {
  const dir = backupsDir(root, lab);
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

// --- helpers -----------------------------------------------------------------------------------------------------

function backupsDir(root: string, lab: Lab): string {
  return join(stateDir(root), 'backups', ...lab.key.split('/'));
}

function freeName(root: string, lab: Lab): string {
  const taken = new Set(backupNames(root, lab));
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? time : `${time}-${n}`;
    if (!taken.has(name)) return name;
  }
}
