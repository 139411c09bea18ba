import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from '../workbook/files.ts';

/** Remembers files as they are, to see whether grading has changed them. */
export interface CourseGuard {
  /** Puts back what has changed since, and names it from the root. */
  restore(): string[];
}

/** Guards whatever a verdict rests on: the course with its solutions and machinery, and what others have handed in. */
export function guardFiles(root: string, paths: readonly string[]): CourseGuard {
  const kept = new Map<string, { text: Buffer; seen: string }>();
  for (const path of paths.flatMap(filesBelow)) {
    const seen = look(path);
    if (seen !== undefined) kept.set(path, { text: readFileSync(path), seen });
  }
  return {
    restore() {
      const changed = [...kept].filter(([path, { text, seen }]) => look(path) !== seen && !same(path, text));
      for (const [path, { text }] of changed) {
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

// --- helpers -----------------------------------------------------------------------------------------------------

/** What the system notes of a file. The time of its last change cannot be set by whoever writes it. */
function look(path: string): string | undefined {
  const { mtimeMs, ctimeMs, size, ino } = lstatSync(path, { throwIfNoEntry: false }) ?? {};
  return ino === undefined ? undefined : [mtimeMs, ctimeMs, size, ino].join(' ');
}

function same(path: string, text: Buffer): boolean {
  try {
    return lstatSync(path).isFile() && readFileSync(path).equals(text);
  } catch {
    return false;
  }
}
