import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Metric } from '../check/session.ts';
import { stateDir, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';

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

/** Reads the progress. A file that cannot be read is kept aside, never deleted, and the course starts anew. */
export function readProgress(root: string): ReadProgress {
  const path = progressPath(root);
  if (!existsSync(path)) return { progress: empty() };
  const parsed = parse(readFileSync(path, 'utf8'));
  if (parsed) return { progress: parsed };
  const aside = keepAside(path);
  return {
    progress: empty(),
    notice: `The progress file could not be read. It was kept as ${aside}; progress starts anew.`,
  };
}

/** Changes the progress under a lock, on what is on disk now, so that two processes lose nothing. */
export function updateProgress(root: string, change: (progress: Progress) => void): Progress {
  return withLock(join(stateDir(root), 'progress.lock'), 'The progress', () => {
    const { progress } = readProgress(root);
    change(progress);
    writeAtomically(progressPath(root), `${JSON.stringify(progress, null, 2)}\n`);
    return progress;
  });
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

/** A file of a later version is treated as unreadable: it is kept aside whole rather than rewritten in part. */
function parse(text: string): Progress | undefined {
  try {
    const data = JSON.parse(text) as Partial<Progress> | null;
    if (data?.version !== 1 || typeof data.labs !== 'object' || data.labs === null) return undefined;
    return { ...data, version: 1, labs: data.labs, quizzes: data.quizzes ?? {} };
  } catch {
    return undefined;
  }
}

function keepAside(path: string): string {
  const name = `progress.unreadable-${new Date().toISOString().replaceAll(':', '-')}.json`;
  renameSync(path, join(path, '..', name));
  return `.workbook/${name}`;
}
