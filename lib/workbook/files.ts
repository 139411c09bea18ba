import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type Lab, learnerFiles } from './workbook.ts';

/** Where the workbook keeps what is the learner's and not the course's. Git-ignored. */
export function stateDir(root: string): string {
  return join(root, '.workbook');
}

/** Writes a file such that a reader sees the old content or the new, never half of it. */
export function writeAtomically(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(draft, text);
  } catch (error) {
    rmSync(draft, { force: true });
    throw Object.assign(error as Error, { path });
  }
  try {
    renameSync(draft, path);
  } catch (error) {
    // Windows refuses to replace a file that another process has open at this moment.
    try {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      copyFileSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

/** True for a file, also behind a link; a folder of that name is none. */
export function isFile(path: string): boolean {
  // Where a file is in the place of its folder, `stat` throws all the same.
  return existsSync(path) && statSync(path).isFile();
}

/** Larger than any answer, also a generated one. */
export const MOST_ANSWER_BYTES = 1_000_000;

/** Why this cannot be an answer at all, in words that follow its name; undefined where it can. */
export function unusable(path: string): string | undefined {
  if (!existsSync(path)) return isLink(path) ? 'is a link to something that is not there' : 'is missing';
  if (!isFile(path)) return 'is a folder or something else, where a file is wanted';
  if (statSync(path).size > MOST_ANSWER_BYTES) return `has more than ${MOST_ANSWER_BYTES / 1e6} MB`;
  const text = readText(path);
  if (text === undefined) return 'may not be read';
  return text.includes('\0') ? 'is no text in UTF-8' : undefined;
}

export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** What a file says; undefined where there is none, or it may not be read. */
export function readText(path: string): string | undefined {
  try {
    return isFile(path) ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** A hash of texts that does not change with the line endings of a checkout. */
export function hashTexts(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text.replaceAll('\r\n', '\n')).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Hash of what the learner has in a lab now; undefined when a file is gone, or a folder is in its place. */
export function labHash(lab: Lab): string | undefined {
  const paths = learnerFiles(lab);
  const texts = paths.flatMap((path) => readText(path) ?? []);
  return paths.length > 0 && texts.length === paths.length ? hashTexts(texts) : undefined;
}

/** Hash of all files below the folders or files given that are wanted, names included. */
export function hashTree(paths: readonly string[], wanted = (_file: string) => true): string {
  const files = paths.flatMap(filesBelow).filter(wanted).sort();
  return hashTexts(files.flatMap((file) => [basename(file), readFileSync(file, 'utf8')]));
}

/** Changes whenever a file below is written: a look at the folders, without reading them. */
export function stampOf(paths: readonly string[]): string {
  return hashTexts(paths.flatMap(filesBelow).map((file) => `${file} ${statSync(file).mtimeMs}`));
}

export function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (/\.\w+$/.test(basename(path)) || isFile(path)) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const full = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(full) : [full];
  });
}

/** A path as a person types it from the root of the workbook, with forward slashes. */
export function shownPath(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}
