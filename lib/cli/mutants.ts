import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import {
  countMutants,
  type LabMeasure,
  type Memory,
  type MutantResult,
  measureLab,
} from '../mutants/measure.ts';
import { stateDir } from '../workbook/files.ts';
import { findLabs } from '../workbook/find.ts';
import { allLabs, type Lab } from '../workbook/workbook.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { complain, openCourse } from './course.ts';
import { openRunner } from './runner.ts';

/** Of the mutations in neither list, checks reject at least this share. */
const LEAST_REJECTED = 0.95;

/**
 * `npm run verify -- mutants [day|lab …] [--sample N]`: changes the solutions in one place at a time, and lists the changes
 * that no check rejects. Stopped, it goes on where it was.
 */
export async function mutants(context: Context, words: readonly string[]): Promise<ExitCode> {
  const course = openCourse(context);
  const at = words.indexOf('--sample');
  const sample = at < 0 ? undefined : Number(words[at + 1]);
  if (sample !== undefined && !(Number.isInteger(sample) && sample > 0))
    return complain(context, `--sample takes a whole number above 0; received "${words[at + 1] ?? ''}".`);
  const named = at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
  const found = named.length > 0 ? findLabs(course.workbook, named) : undefined;
  if (found && !found.ok) return complain(context, found.problem);
  const labs = found?.found ?? allLabs(course.workbook);
  const counts = labs.map((lab) => Math.min(countMutants(lab), sample ?? Number.POSITIVE_INFINITY));
  const total = counts.reduce((sum, each) => sum + each, 0);
  say(context, `${total} changes in ${labs.length} ${labs.length === 1 ? 'lab' : 'labs'}.`);
  const memory = openMemory(join(stateDir(context.root), 'mutants.jsonl'));
  const tell = progressTeller(context, total);
  const measures = await inTurn(labs, (lab, runner) =>
    measureLab(lab, { ...course, runner, memory, onResult: tell, ...(sample && { sample }) }),
  );
  return report(context, measures);

  /** Two labs at a time, each with a grading child of its own. */
  async function inTurn(
    all: readonly Lab[],
    measure: (lab: Lab, runner: ReturnType<typeof openRunner>) => Promise<LabMeasure>,
  ): Promise<LabMeasure[]> {
    const measured: LabMeasure[] = [];
    let next = 0;
    const work = async () => {
      const runner = openRunner(context);
      for (let index = next++; index < all.length; index = next++) {
        const lab = all[index];
        if (lab) measured[index] = await measure(lab, runner);
      }
      runner.close();
    };
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), all.length) }, work));
    return measured;
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** One line for each verdict; a line that a killed process left half-written is asked again. */
function openMemory(path: string): Memory {
  const known = new Map<string, boolean>();
  if (existsSync(path))
    for (const [, key = '', passed] of readFileSync(path, 'utf8').matchAll(/^(\S+) (true|false)$/gm))
      known.set(key, passed === 'true');
  mkdirSync(dirname(path), { recursive: true });
  return {
    get: (key) => known.get(key),
    set(key, passed) {
      if (known.has(key)) return;
      known.set(key, passed);
      appendFileSync(path, `${key} ${passed}\n`);
    },
  };
}

/** On a terminal: how far it is, and how long the rest takes at the pace so far. */
function progressTeller({ stderr }: Context, total: number): (result: MutantResult) => void {
  const startedAt = performance.now();
  let done = 0;
  return () => {
    done += 1;
    if (!stderr.isTTY) return;
    const leftMin = (((performance.now() - startedAt) / done) * (total - done)) / 60_000;
    stderr.write(
      `\r${done} of ${total}, about ${Math.ceil(leftMin)} min left   ${done === total ? '\n' : ''}`,
    );
  };
}

function report(context: Context, measures: readonly LabMeasure[]): ExitCode {
  let open = 0;
  let survived = 0;
  for (const { lab, results, outdated } of measures) {
    const count = (fate: MutantResult['fate']) => results.filter((each) => each.fate === fate).length;
    const unlisted = count('rejected') + count('survived');
    open += unlisted;
    survived += count('survived');
    say(
      context,
      `${lab.id} ${lab.slug}: ${count('rejected')} of ${unlisted} rejected; ${count('equivalent')} equivalent, ${count('free')} free`,
    );
    for (const { fate, key, mutant } of results)
      if (fate === 'survived') say(context, `  survived, line ${mutant.line}: ${key}`);
    for (const key of outdated) say(context, `  listed, and rejected or gone: ${key}`);
  }
  const share = open === 0 ? 1 : 1 - survived / open;
  const stale = measures.reduce((sum, { outdated }) => sum + outdated.length, 0);
  say(
    context,
    `${(share * 100).toFixed(1)}% of ${open} changes rejected; the aim is ${LEAST_REJECTED * 100}%.`,
  );
  return share >= LEAST_REJECTED && stale === 0 ? 0 : 1;
}
