import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { filesBelow, hashTexts, isFile, shownPath, stateDir, writeAtomically } from './files.ts';
import { beforeFiles } from './starter.ts';
import { allLabs, type Lab, learnerFiles, readWorkbook } from './workbook.ts';

/** Hash of the starter that each learner's file began from, by path from the root. */
export type Starters = Record<string, string>;

/** What an update does with one of the learner's files. */
export type FileFate =
  /** Untouched, so the new starter takes its place. */
  | 'replaced'
  /** Touched: it stays, and the new starter is put beside it. */
  | 'kept'
  /** It was not there. */
  | 'added'
  /** The starter has not changed. */
  | 'same';

export interface FileUpdate {
  /** Path of the learner's file, from the root. */
  file: string;
  fate: FileFate;
  /** Path of the new starter beside a file that was kept. */
  beside?: string;
}

/** Decides what becomes of a file, from the hashes of the starter it began from, of the new one, and of what is there. */
export function decideFate(
  began: string | undefined,
  arrived: string,
  present: string | undefined,
): FileFate {
  if (present === undefined) return 'added';
  if (present === arrived || began === arrived) return 'same';
  return present === began ? 'replaced' : 'kept';
}

/** What the learner's files began from: what was recorded, else the starters that the workbook has now. */
export function readStarters(root: string): Starters {
  const recorded = isFile(startersPath(root)) ? parse(readFileSync(startersPath(root), 'utf8')) : {};
  return {
    ...Object.fromEntries(pairs(root).map(({ shown, before }) => [shown, hashOf(before) ?? ''])),
    ...recorded,
  };
}

/** Brings the learner's files in line with the starters that have arrived, and remembers them. */
export function reconcile(root: string, began: Starters): FileUpdate[] {
  const starters: Starters = { ...began };
  const updates = pairs(root).flatMap(({ shown, path, before }): FileUpdate[] => {
    const arrived = hashOf(before);
    if (arrived === undefined) return [];
    const fate = decideFate(began[shown], arrived, hashOf(path));
    starters[shown] = arrived;
    if (fate === 'same') return [];
    const target = fate === 'kept' ? besidePath(path) : path;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(before, target);
    return [{ file: shown, fate, ...(fate === 'kept' && { beside: shownPath(root, target) }) }];
  });
  writeAtomically(startersPath(root), `${JSON.stringify(starters, null, 2)}\n`);
  return updates;
}

/**
 * Copies a newer workbook over this one, except what is the learner's. What a copy replaces is kept in `backup`.
 * Returns the paths that changed.
 */
export function copyCourse(from: string, root: string, backup: string): string[] {
  const theirs = new Set(allLabs(readWorkbook(from)).flatMap((lab) => learnerFiles(lab)));
  const changed: string[] = [];
  for (const path of COURSE.flatMap((name) => filesBelow(join(from, name)))) {
    if (theirs.has(path)) continue;
    const shown = shownPath(from, path);
    const target = join(root, shown);
    if (existsSync(target)) {
      if (readFileSync(target).equals(readFileSync(path))) continue;
      mkdirSync(dirname(join(backup, shown)), { recursive: true });
      copyFileSync(target, join(backup, shown));
    }
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
    changed.push(shown);
  }
  return changed;
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** What a workbook is made of, from its root. */
const COURSE = [
  ...['days', 'solutions', 'lib', 'test', 'docs'],
  ...['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'biome.json', 'vitest.config.ts'],
  ...[
    'README.md',
    'AGENTS.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'ARCHITECTURE.md',
    'COVERAGE.md',
    'LICENSE',
  ],
];

interface Pair {
  shown: string;
  path: string;
  before: string;
}

function pairs(root: string): Pair[] {
  return allLabs(readWorkbook(root)).flatMap((lab: Lab) => {
    const before = beforeFiles(lab);
    return learnerFiles(lab).map((path, at) => ({
      shown: shownPath(root, path),
      path,
      before: before[at] ?? '',
    }));
  });
}

function startersPath(root: string): string {
  return join(stateDir(root), 'starters.json');
}

function hashOf(path: string): string | undefined {
  return isFile(path) ? hashTexts([readFileSync(path, 'utf8')]) : undefined;
}

function parse(text: string): Starters {
  try {
    return JSON.parse(text) as Starters;
  } catch {
    return {}; // Then what the workbook has now is taken as the beginning.
  }
}

/** "fan-out.new.ts": next to the learner's file in the editor's list, and no file of the course. */
function besidePath(path: string): string {
  const ending = extname(path);
  return join(dirname(path), `${basename(path, ending)}.new${ending}`);
}
