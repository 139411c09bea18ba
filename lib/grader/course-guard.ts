import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import { type Lab, learnerFiles } from '../workbook/workbook.ts';
import { sharedFiles } from './before-cache.ts';

/** Remembers files as they are, to see whether grading has changed them. */
export interface CourseGuard {
  /** Puts back what has changed since, and names it from the root. */
  restore(): string[];
}

/**
 * Guards whatever a verdict rests on: the course with its solutions and machinery, and what others have handed in. What
 * is found in the place of a file is kept in the folder `aside`: it may be somebody's own work, saved meanwhile.
 */
export function guardFiles(root: string, paths: readonly string[], aside?: string): CourseGuard {
  const kept = new Map<string, { text: Buffer; seen: string }>();
  for (const path of paths.flatMap(filesBelow)) {
    const seen = look(path);
    if (seen !== undefined) kept.set(path, { text: readFileSync(path), seen });
  }
  return {
    restore() {
      const changed = [...kept].filter(([path, { text, seen }]) => look(path) !== seen && !same(path, text));
      for (const [path, { text }] of changed) {
        if (aside) keep(path, join(aside, relative(root, path)));
        rmSync(path, { recursive: true, force: true });
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      for (const [path, file] of kept) file.seen = look(path) ?? '';
      return changed.map(([path]) => relative(root, path).replaceAll('\\', '/'));
    },
  };
}

/** The parts of a course that a guard is set up for. */
export function guardedParts(root: string, home: string): string[] {
  return [...['days', 'solutions'].map((part) => join(root, part)), join(home, 'lib')];
}

/** What the verdict of one lab rests on: its checks and scenario, what its day shares, its solutions and the machinery. */
export function verdictRests(lab: Lab): string[] {
  const own = new Set(learnerFiles(lab));
  const day = sharedFiles(lab).flatMap(filesBelow);
  const files = [...filesBelow(lab.dir), ...day].filter((file) => !own.has(file) && CODE.test(file));
  return [...files, lab.solutionDir, ...PARTS.map((part) => join(HOME, 'lib', part))];
}

/** How a change is told. */
export function changeInWords([first = '', ...more]: readonly string[]): string {
  const rest = more.length > 0 ? ` and ${more.length} more` : '';
  const what = /check\.test\.ts$/.test(first) ? 'changed the checks' : 'changed files that are not its own';
  return `${what} (${first}${rest}, put back)`;
}

// --- helpers -----------------------------------------------------------------------------------------------------

const CODE = /\.[cm]?[jt]s$/;
const PARTS = ['check', 'clock', 'grader', 'provider'];

/** What the system notes of a file. The time of its last change cannot be set by whoever writes it. */
function look(path: string): string | undefined {
  const { mtimeMs, ctimeMs, size, ino } = lstatSync(path, { throwIfNoEntry: false }) ?? {};
  return ino === undefined ? undefined : [mtimeMs, ctimeMs, size, ino].join(' ');
}

function keep(path: string, copy: string): void {
  if (!existsSync(path)) return;
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(path, copy, { recursive: true });
}

function same(path: string, text: Buffer): boolean {
  try {
    return lstatSync(path).isFile() && readFileSync(path).equals(text);
  } catch {
    return false;
  }
}
