import { existsSync, readFileSync } from 'node:fs';
import { writeAtomically } from './files.ts';

/** The parts of a lab's JSON verdict that are read again. The rest of it is kept as it is. */
export interface LabResult {
  id: string;
  status: 'passed' | 'failed' | 'error';
  message: string | null;
  [more: string]: unknown;
}

/** How one person's workbook did. */
export interface OthersRow {
  /** The folder as it was named. */
  dir: string;
  labs: LabResult[];
}

/** A file of results: what `grade --out` writes, resumes from and merges. */
export interface OthersResults {
  version: 1;
  seed: number;
  rows: OthersRow[];
}

/** Reads a file of results; undefined when there is none. */
export function readResults(path: string): OthersResults | undefined {
  if (!existsSync(path)) return undefined;
  const data = JSON.parse(readFileSync(path, 'utf8')) as Partial<OthersResults>;
  if (data.version === 1 && typeof data.seed === 'number' && Array.isArray(data.rows))
    return data as OthersResults;
  throw new Error(`${path} is no file of results of this workbook: it has no version 1, seed and rows.`);
}

export function writeResults(path: string, results: OthersResults): void {
  writeAtomically(path, `${JSON.stringify(results, null, 2)}\n`);
}

/** Results of several jobs as one, sorted by folder. They must have been graded on the same seed. */
export function mergeResults(parts: readonly OthersResults[]): OthersResults | { problem: string } {
  const seeds = [...new Set(parts.map((part) => part.seed))];
  const [seed] = seeds;
  if (seed === undefined || seeds.length > 1) {
    return {
      problem: `The files were graded on different seeds (${seeds.join(', ')}), so they do not compare.`,
    };
  }
  const byDir = new Map(parts.flatMap((part) => part.rows).map((row) => [row.dir, row]));
  return { version: 1, seed, rows: [...byDir.values()].sort((a, b) => (a.dir < b.dir ? -1 : 1)) };
}

/** The folders that fall to job `index` of `count`, counted from 1. */
export function shard<T>(dirs: readonly T[], index: number, count: number): T[] {
  return dirs.filter((_, at) => at % count === index - 1);
}
