import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeKey } from '../grader/before-cache.ts';
import { gradeLab } from '../grader/grade.ts';
import type { Runner } from '../grader/runner.ts';
import { hashTexts } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import type { Progress } from '../workbook/progress.ts';
import { solutionFiles } from '../workbook/starter.ts';
import { cacheFolder } from '../workbook/storage.ts';
import type { Lab, Workbook } from '../workbook/workbook.ts';
import { keyOf, type Listed, readLists } from './lists.ts';
import { type Mutant, mutantsOf, mutated } from './mutate.ts';

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

/** Remembers verdicts, so that a measure that was stopped goes on where it was. */
export interface Memory {
  get(key: string): boolean | undefined;
  set(key: string, passed: boolean): void;
}

export interface MeasureOptions {
  workbook: Workbook;
  progress: Progress;
  runner: Runner;
  memory: Memory;
  /** At most so many, spread over the file; all of them where it is left out. */
  sample?: number;
  seed?: number;
  /** Told after each. */
  onResult?(result: MutantResult): void;
}

/** Makes each small change of a lab's solution in turn and has the lab's own checks grade it. */
export async function measureLab(lab: Lab, options: MeasureOptions): Promise<LabMeasure> {
  const { memory, sample, seed = 1, onResult } = options;
  const [file = ''] = solutionFiles(lab);
  const program = readFileSync(file, 'utf8');
  const lists = readLists(lab);
  const course = beforeKey(HOME, lab, seed);
  const results: MutantResult[] = [];
  for (const mutant of chosen(mutantsOf(program), sample)) {
    const text = mutated(program, mutant);
    const key = keyOf(program, mutant);
    const known = `${course}-${hashTexts([text])}`;
    const passed = memory.get(known) ?? (await passes(lab, text, seed, options));
    memory.set(known, passed);
    const listed = lists.find((each) => each.key === key);
    const result: MutantResult = { mutant, key, fate: passed ? (listed?.kind ?? 'survived') : 'rejected' };
    results.push(result);
    onResult?.(result);
  }
  const held = new Set(results.filter(({ fate }) => fate !== 'rejected').map(({ key }) => key));
  const outdated = sample === undefined ? lists.map(({ key }) => key).filter((key) => !held.has(key)) : [];
  return { lab, results, outdated };
}

/** How many mutations a lab's solution has. */
export function countMutants(lab: Lab): number {
  const [file = ''] = solutionFiles(lab);
  return mutantsOf(readFileSync(file, 'utf8')).length;
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

async function passes(
  lab: Lab,
  text: string,
  seed: number,
  { workbook, progress, runner }: MeasureOptions,
): Promise<boolean> {
  const folder = join(cacheFolder(workbook.root), 'mutants', hashTexts([lab.key, text]));
  const path = join(folder, lab.files[0] ?? '');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
  try {
    const verdict = await gradeLab(runner, lab, { workbook, progress, subject: path, seed, quick: true });
    if (verdict.workbookFault) throw new Error(`${lab.id} could not be graded: ${verdict.message}`);
    return verdict.status === 'passed';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
