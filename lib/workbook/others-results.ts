import { existsSync, readFileSync, renameSync } from 'node:fs';
import { normalize } from 'node:path';
import { hashTexts, writeAtomically } from './files.ts';

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

export type ReadResults = { results?: OthersResults; notice?: string };

/** Reads a file of results. One that is damaged is kept aside, and what can be read of it is gone on with. */
export function readResults(path: string): ReadResults {
  if (!existsSync(path)) return {};
  const text = readFileSync(path, 'utf8');
  const whole = parsed(text);
  if (whole) return { results: whole };
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(path, aside);
  const results = parsed(`${text.slice(0, text.lastIndexOf(ROW_END))}${ROW_END.slice(0, -1)}]}`);
  const kept = `Its ${results?.rows.length ?? 0} whole rows are used`;
  return {
    results,
    notice: `${path} was damaged and is kept as ${aside}. ${kept}; the others are graded again.`,
  };
}

/** As the file is written: a row, and another one after it. */
const ROW_END = '\n    },';

function parsed(text: string): OthersResults | undefined {
  try {
    const data = JSON.parse(text) as Partial<OthersResults> | null;
    const fine = data?.version === 1 && typeof data.seed === 'number' && Array.isArray(data.rows);
    return fine
      ? { ...(data as OthersResults), rows: (data as OthersResults).rows.filter(isRow) }
      : undefined;
  } catch {
    return undefined;
  }
}

function isRow(row: unknown): row is OthersRow {
  const { dir, labs } = (row ?? {}) as Partial<OthersRow>;
  return typeof dir === 'string' && Array.isArray(labs) && labs.every((lab) => typeof lab?.id === 'string');
}

/** The results of one person for further labs, or the same again, take their places among the others. */
export function addRow(
  results: OthersResults,
  byDir: Map<string, OthersRow>,
  dir: string,
  labs: readonly LabResult[],
): OthersRow {
  const row = byDir.get(dir) ?? { dir, labs: [] };
  if (!byDir.has(dir)) results.rows.push(row);
  byDir.set(dir, row);
  row.labs = [...row.labs.filter(({ id }) => !labs.some((lab) => lab.id === id)), ...labs].sort((a, b) =>
    a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
  return row;
}

/** True if the row holds a result for what was handed in, on this seed and with this version of the course. */
export function isGraded(
  row: OthersRow | undefined,
  id: string,
  key: { seed: number; content: string; course: string },
): boolean {
  const lab = row?.labs.find((each) => each.id === id);
  return lab?.seed === key.seed && lab.content === key.content && lab.course === key.course;
}

/** One name for a folder, however it was typed. */
export function plainDir(dir: string): string {
  const plain = normalize(dir).replaceAll('\\', '/');
  return plain === '/' ? plain : plain.replace(/\/$/, '');
}

/** A seed on which jobs agree that grade shares of the same folders, without a word between them. */
export function agreedSeed(dirs: readonly string[], course: string): number {
  return FIRST_UNSEEN_SEED + (Number.parseInt(hashTexts([course, ...[...dirs].sort()]), 16) % 1_000_000);
}

/** Seeds below this are for learners. */
export const FIRST_UNSEEN_SEED = 1000;

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
