import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isFile, stateDir, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';
import { parseProgress, UNREADABLE } from './progress-file.ts';
import type { LabProgress, Progress } from './progress-model.ts';
import { keep } from './storage.ts';

export type { LabProgress, Measured, Progress, Score } from './progress-model.ts';

export interface ReadProgress {
  progress: Progress;
  /** Said once when the file could not be used as it was. */
  notice?: string;
}

/**
 * Reads the progress. A file that cannot be read, in whole or in part, is kept aside and never deleted; what of it can be
 * read counts.
 */
export function readProgress(root: string): ReadProgress {
  const { progress, notice, sound } = lookAtProgress(root);
  if (notice === undefined) return { progress };
  const path = progressPath(root);
  let aside = '';
  keep(path, () => {
    aside = ` It was kept as ${keepAside(path)}.`;
    if (sound) writeAtomically(path, textOf(progress));
  });
  return { progress, notice: notice + aside };
}

/** What `readProgress` would say, without touching the file. `sound` when a part of it can be used. */
export function lookAtProgress(root: string): ReadProgress & { sound: boolean } {
  const path = progressPath(root);
  if (!existsSync(path)) return { progress: empty(), sound: true };
  const { progress, damaged } = isFile(path) ? parseProgress(readFileSync(path, 'utf8')) : UNREADABLE;
  if (!progress) {
    const why = isFile(path) ? 'could not be read' : 'is a folder';
    const notice = `The progress file ${why}; progress starts from the beginning.`;
    return { progress: empty(), notice, sound: false };
  }
  if (damaged.length === 0) return { progress, sound: true };
  const notice = `The progress file is damaged at ${damaged.join(', ')}; the rest counts.`;
  return { progress, notice, sound: true };
}

/**
 * Changes the progress under a lock, on what is on disk now, so that two processes lose nothing. Where it cannot be
 * stored, the change holds for as long as this process runs.
 */
export function updateProgress(root: string, change: (progress: Progress) => void): Progress {
  let changed: Progress | undefined;
  keep(progressPath(root), () =>
    withLock(join(stateDir(root), 'progress.lock'), 'The progress', () => {
      const { progress } = readProgress(root);
      change(progress);
      changed = progress;
      writeAtomically(progressPath(root), textOf(progress));
    }),
  );
  if (changed) return changed;
  const { progress } = readProgress(root);
  change(progress);
  return progress;
}

export function labProgress(progress: Progress, key: string): LabProgress {
  progress.labs[key] ??= {};
  return progress.labs[key];
}

// --- the file ----------------------------------------------------------------------------------------------------

function progressPath(root: string): string {
  return join(stateDir(root), 'progress.json');
}

function empty(): Progress {
  return { version: 1, labs: {}, quizzes: {} };
}

function textOf(progress: Progress): string {
  return `${JSON.stringify(progress, null, 2)}\n`;
}

function keepAside(path: string): string {
  const name = `progress.unreadable-${new Date().toISOString().replaceAll(':', '-')}.json`;
  renameSync(path, join(path, '..', name));
  return `.workbook/${name}`;
}
