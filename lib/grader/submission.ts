import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { hashTexts, isLink, MOST_ANSWER_BYTES } from '../workbook/files.ts';
import type { Lab } from '../workbook/workbook.ts';

/** What one person handed in for one lab: read once, so that what is graded is what its hash says. */
export type Submission =
  | { ok: true; texts: (string | null)[]; content: string }
  | { ok: false; problem: string };

/** Reads the files that learners edit. Only plain files of a plain size count: no link out of the folder is followed. */
export function readSubmission(dir: string, lab: Lab): Submission {
  const texts: (string | null)[] = [];
  for (const file of lab.files) {
    const parts = ['days', ...lab.key.split('/'), ...file.split('/')];
    const link = parts.findIndex((_, at) => isLink(join(dir, ...parts.slice(0, at + 1))));
    if (link >= 0)
      return {
        ok: false,
        problem: `${parts.slice(0, link + 1).join('/')} is a symbolic link; a file is handed in itself.`,
      };
    const read = readPlainFile(join(dir, ...parts));
    if (!read.ok) return { ok: false, problem: `${parts.join('/')} ${read.problem}` };
    texts.push(read.text);
  }
  return { ok: true, texts, content: hashTexts(texts.map((text) => text ?? '\0')) };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** The text of a file; null where there is none. What is put in its place meanwhile is not followed. */
function readPlainFile(path: string): { ok: true; text: string | null } | { ok: false; problem: string } {
  let handle: number;
  try {
    // Without waiting: a pipe that nobody writes into would be waited for.
    handle = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { ok: true, text: null }
      : { ok: false, problem: `cannot be read (${code}).` };
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return { ok: false, problem: 'is no plain file.' };
    if (stat.size > MOST_ANSWER_BYTES)
      return { ok: false, problem: `has more than ${MOST_ANSWER_BYTES / 1e6} MB.` };
    const buffer = Buffer.alloc(stat.size);
    return { ok: true, text: buffer.toString('utf8', 0, readSync(handle, buffer, 0, stat.size, 0)) };
  } finally {
    closeSync(handle);
  }
}
