import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeKey } from '../grader/before-cache.ts';
import { hashTexts } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import { solutionFiles } from '../workbook/starter.ts';
import { cacheFolder } from '../workbook/storage.ts';
import type { Lab } from '../workbook/workbook.ts';
import { guarded } from './guard.ts';
import { keyOf, type Listed, readLists } from './lists.ts';
import { type Mutant, mutantsOf, mutated } from './mutate.ts';

/** One mutation of a lab's solution, laid out to be graded. */
export interface MutantJob {
  /** Names the mutation, its lab and all that its verdict depends on. */
  id: string;
  checkFile: string;
  /** The changed program, guarded against loops that never end. */
  text: string;
  /** Where it is to lie. */
  file: string;
  seed: number;
  mutant: Mutant;
  /** Its name in the lab's lists. */
  key: string;
}

/** What became of one mutation of a lab's solution. */
export interface MutantResult {
  mutant: Mutant;
  key: string;
  /** `rejected` by a check, `survived` where it should not, or in one of the two lists. */
  fate: 'rejected' | 'survived' | Listed['kind'];
}

export interface LabMeasure {
  lab: Lab;
  results: MutantResult[];
  /** Lines of the lists that name no mutation which survives: the code or the checks have changed since. */
  outdated: string[];
}

/** A lab for a longer time plays more. */
const ORDINARY_MINUTES = 30;

/** Every small change of a lab's solution, or `sample` of them spread over the file. */
export function jobsOf(
  root: string,
  lab: Lab,
  { sample, seed = 1 }: { sample?: number; seed?: number },
): MutantJob[] {
  const [path = ''] = solutionFiles(lab);
  const program = readFileSync(path, 'utf8');
  const course = beforeKey(HOME, lab, seed);
  const patience = Math.max(1, lab.minutes / ORDINARY_MINUTES) ** 2;
  return chosen(mutantsOf(program), sample).map((mutant) => {
    const text = mutated(program, mutant);
    const id = `${course}-${hashTexts([text])}`;
    const file = join(cacheFolder(root), 'mutants', id, lab.files[0] ?? '');
    const { checkFile } = lab;
    return { id, checkFile, file, seed, mutant, text: guarded(text, patience), key: keyOf(program, mutant) };
  });
}

/** Lays the changed programs out where they can be graded; the returned function takes them away. */
export function layOutMutants(root: string, jobs: readonly MutantJob[]): () => void {
  for (const { file, text } of jobs) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  return () => rmSync(join(cacheFolder(root), 'mutants'), { recursive: true, force: true });
}

/** What became of a lab's mutations, by their verdicts. */
export function measureOf(
  lab: Lab,
  jobs: readonly MutantJob[],
  passed: (id: string) => boolean,
  isSample: boolean,
): LabMeasure {
  const lists = readLists(lab);
  const results = jobs.map(({ mutant, key, id }): MutantResult => {
    const listed = lists.find((each) => each.key === key);
    return { mutant, key, fate: passed(id) ? (listed?.kind ?? 'survived') : 'rejected' };
  });
  const held = new Set(results.filter(({ fate }) => fate !== 'rejected').map(({ key }) => key));
  return {
    lab,
    results,
    outdated: isSample ? [] : lists.map(({ key }) => key).filter((key) => !held.has(key)),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Every n-th, so that each part of the file is looked at, and always the same ones. */
function chosen(mutants: Mutant[], sample = mutants.length): Mutant[] {
  const step = Math.max(1, mutants.length / sample);
  return Array.from(
    { length: Math.min(sample, mutants.length) },
    (_, at) => mutants[Math.floor(at * step)],
  ).filter((each) => each !== undefined);
}
