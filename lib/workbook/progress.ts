import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Metric } from '../check/session.ts';
import { isFile, stateDir, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';
import { parseProgress, UNREADABLE } from './progress-file.ts';
import { keep } from './storage.ts';

/** What is remembered of one lab. */
export interface LabProgress {
  /** How the learner's file did when it was last graded. */
  status?: 'failing' | 'passed';
  /** Hash of the file when it passed last, to say "edited since". */
  passedHash?: string;
  /** When that was. Stays when a later version fails, to say "passed before". */
  passedAt?: string;
  /** Number of times a changed file was graded. */
  attempts?: number;
  lastHash?: string;
  /** Rungs of the hints shown so far. */
  hints?: number;
  /** When the solution was shown, and whether that was before an attempt. */
  solution?: { at: string; forced: boolean };
  /** What was measured when it last passed; until then, at its last try. */
  measured?: Measured;
  /** In a lab that keeps score: the points of the answers that passed, oldest first. */
  scores?: Score[];
}

/** The figures of a learner's file. */
export interface Measured {
  at: string;
  seed: number;
  passed: boolean;
  metrics: Metric[];
  /** What the lab's checks recorded beside the figures. */
  data?: Record<string, unknown>;
}

/** Points of one answer, of the reference solution, and of the bound that no code can beat, all on one seed. */
export interface Score {
  at: string;
  seed: number;
  score: number;
  reference: number;
  limit: number;
}

export interface Progress {
  version: 1;
  /** Key of the lab last worked on. */
  current?: string;
  labs: Record<string, LabProgress>;
  quizzes: Record<string, { right: number; of: number; at: string }>;
}

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
  keep(() => {
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
    const notice = 'The progress file could not be read; progress starts from the beginning.';
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
  keep(() =>
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
