import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashTexts, labHash } from './files.ts';
import type { Lab } from './workbook.ts';

/** Paths of the pristine starter, file by file: `before.ts`, or `before/…` in a lab with several files. */
export function beforeFiles(lab: Lab): string[] {
  const [only, ...more] = lab.files;
  if (only !== undefined && more.length === 0) return [join(lab.solutionDir, 'before.ts')];
  return lab.files.map((file) => join(lab.solutionDir, 'before', file));
}

export function solutionFiles(lab: Lab): string[] {
  return lab.files.map((file) => join(lab.solutionDir, file));
}

/** True once the learner has changed anything: what opens the solution. */
export function isAttempted(lab: Lab): boolean {
  const before = beforeFiles(lab);
  if (!before.every((path) => existsSync(path))) return true;
  return labHash(lab) !== hashTexts(before.map((path) => readFileSync(path, 'utf8')));
}
