import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashTexts, stateDir } from './files.ts';

/** Something could not be stored or read; the message is the whole story and needs no stack. */
export class StorageError extends Error {
  override name = 'StorageError';
}

/** One sentence for an error of the file system that a person can do something about; undefined for any other. */
export function storageProblem(error: unknown, file = 'A file'): string | undefined {
  if (error instanceof StorageError) return error.message;
  const { code = '', path, dest, syscall } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  // Node says ENOENT where a read-only file system refuses a folder.
  const reason = code === 'ENOENT' && syscall === 'mkdir' ? REASONS.EROFS : REASONS[code];
  return reason && `${dest ?? path ?? file} could not be read or written: ${reason}`;
}

/** Where what can be made again is kept: beside the progress, or in the temporary folder where that cannot be written. */
export function cacheFolder(root: string): string {
  const own = join(stateDir(root), 'cache');
  if (unwritable(own) === undefined) return own;
  return join(tmpdir(), `llm-workbook-cache-${process.getuid?.() ?? 'home'}-${hashTexts([root])}`);
}

const unkept = new Set<string>();

/**
 * Stores something of the learner's. Where that fails, what was asked for goes on without, and `unstored` tells of it.
 */
export function keep(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    // A full disk names no file.
    const problem = storageProblem(error, file);
    if (problem === undefined) throw error;
    unkept.add(problem);
  }
}

/** Why something could not be stored since the last call: said once, after what was asked for. */
export function unstored(): string[] {
  const problems = [...unkept];
  unkept.clear();
  return problems;
}

/** Stores what can be made again. Where that fails, it is made again next time. */
export function storeCached(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    if (storageProblem(error) === undefined) throw error;
  }
}

/** Why nothing can be written in a folder, as a sentence; undefined where something can. */
export function unwritable(folder: string): string | undefined {
  const probe = join(folder, `.probe-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, 'x'.repeat(PROBE_BYTES));
    rmSync(probe);
    return undefined;
  } catch (error) {
    if (existsSync(probe)) rmSync(probe);
    return storageProblem(error) ?? `${folder} could not be written: ${error}`;
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** More than a file system keeps in its own tables, so that a full disk shows. */
const PROBE_BYTES = 8192;

const FULL = 'no space is left on the disk. Free some, then try again.';
const FORBIDDEN =
  'this folder may not be written. Give yourself the right to, or copy the workbook to a folder of yours.';

const IN_THE_WAY = 'a file is where a folder should be. Move it away, then try again.';

const REASONS: Record<string, string> = {
  EROFS: 'the file system is read-only. Copy the workbook to a folder that can be written.',
  ...{ EACCES: FORBIDDEN, EPERM: FORBIDDEN, ENOSPC: FULL, EDQUOT: FULL },
  EISDIR: 'a folder is where a file should be. Move it away, then try again.',
  ...{ ENOTDIR: IN_THE_WAY, EEXIST: IN_THE_WAY },
  ELOOP: 'its link leads to itself. Remove the link, then try again.',
  ENAMETOOLONG: 'its path is too long for this file system. Move the workbook nearer to the root.',
  EIO: 'the disk answered with an error.',
  EMFILE: 'too many files are open on this machine. Close some programs, then try again.',
  EBUSY: 'another program has it open. Close that, then try again.',
};
