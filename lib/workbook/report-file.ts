import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { writeAtomically } from './files.ts';

/** What a page of the week says it was made by: only a file that says so is written over. */
export const MADE_BY = 'LLM optimisation workbook, report';

/** Saves a page. The answer is what was wrong, as a sentence; then nothing was written. */
export function saveReport(path: string, page: string): string | undefined {
  try {
    if (existsSync(path) && !isOurs(path))
      return `${path} exists and is no page of this workbook, so it was left as it is. Give another name, or move it away first.`;
    writeAtomically(path, page);
    return undefined;
  } catch (error) {
    return `The page could not be written to ${path}: ${(error as Error).message}. Give another place.`;
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

const HEAD_BYTES = 1000;

function isOurs(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const read = readSync(file, head, 0, HEAD_BYTES, 0);
    return head.toString('utf8', 0, read).includes(`<meta name="generator" content="${MADE_BY}">`);
  } finally {
    closeSync(file);
  }
}
