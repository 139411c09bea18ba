import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  jobsOf,
  type LabMeasure,
  layOutMutants,
  type MutantJob,
  type MutantResult,
  measureOf,
} from '../mutants/measure.ts';
import { stateDir } from '../workbook/files.ts';
import { findLabs } from '../workbook/find.ts';
import { allLabs } from '../workbook/workbook.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { complain, openCourse } from './course.ts';
import { runVitest } from './test.ts';

/** Of the mutations in neither list, checks reject at least this share. */
const LEAST_REJECTED = 0.95;

/**
 * `npm run verify -- mutants [day|lab …] [--sample N]`: changes the solutions in one place at a time, and lists the changes
 * that no check rejects. Stopped, it goes on where it was.
 */
export async function mutants(context: Context, words: readonly string[]): Promise<ExitCode> {
  const { workbook } = openCourse(context);
  const at = words.indexOf('--sample');
  const sample = at < 0 ? undefined : Number(words[at + 1]);
  if (sample !== undefined && !(Number.isInteger(sample) && sample > 0))
    return complain(context, `--sample takes a whole number above 0; received "${words[at + 1] ?? ''}".`);
  const named = at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
  const found = named.length > 0 ? findLabs(workbook, named) : undefined;
  if (found && !found.ok) return complain(context, found.problem);
  const labs = found?.found ?? allLabs(workbook);
  const planned = labs.map((lab) => ({ lab, jobs: jobsOf(context.root, lab, { sample }) }));
  const memory = openMemory(join(stateDir(context.root), 'mutants.jsonl'));
  await gradeAll(
    context,
    planned.map(({ jobs }) => jobs),
    memory,
  );
  const verdicts = memory.verdicts();
  const passed = (id: string) => verdicts.get(id) ?? false;
  return report(
    context,
    planned.map(({ lab, jobs }) => measureOf(lab, jobs, passed, sample !== undefined)),
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Verdicts by the mutation's id, on disk, so that a measure that was stopped goes on where it was. */
interface Memory {
  path: string;
  verdicts(): Map<string, boolean>;
}

/** One line for each verdict; a line that a killed process left half-written is asked again. */
function openMemory(path: string): Memory {
  mkdirSync(dirname(path), { recursive: true });
  return {
    path,
    verdicts: () => {
      const lines = existsSync(path) ? readFileSync(path, 'utf8').matchAll(/^(\S+) (true|false)$/gm) : [];
      return new Map([...lines].map(([, id = '', passed]) => [id, passed === 'true']));
    },
  };
}

/** How long nothing may come before a change counts as one that never ends. */
const STALLED_MS = 120_000;

/** Grades what has no verdict yet, in as many processes as there are cores. */
async function gradeAll(context: Context, labs: readonly MutantJob[][], memory: Memory): Promise<void> {
  const known = memory.verdicts();
  const all = labs.flat();
  const open = all.filter(({ id }) => !known.has(id));
  say(
    context,
    `${all.length} changes in ${labs.length} ${labs.length === 1 ? 'lab' : 'labs'}, ${open.length} to grade.`,
  );
  const cleanUp = layOutMutants(context.root, open);
  const tell = tellProgress(context, memory, open);
  const cores = availableParallelism();
  const shares = Array.from({ length: cores }, (_, core) => open.filter((_, at) => at % cores === core));
  await Promise.all(shares.map((share) => gradeShare(context, share, memory)));
  tell.stop();
  cleanUp();
}

/** One process after the other, until each change has its verdict: one that stops a process has failed. */
async function gradeShare(context: Context, share: readonly MutantJob[], memory: Memory): Promise<void> {
  for (;;) {
    const known = memory.verdicts();
    const left = share.filter(({ id }) => !known.has(id));
    const [first] = left;
    if (!first) return;
    await runEngine(context, { memory: memory.path, jobs: left });
    if (!memory.verdicts().has(first.id)) appendFileSync(memory.path, `${first.id} false\n`);
  }
}

/** Runs vitest on the jobs, and ends it when no verdict has come for long. */
async function runEngine(
  context: Context,
  request: { memory: string; jobs: readonly MutantJob[] },
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'workbook-mutants-'));
  const file = join(folder, 'request.json');
  const jobs = request.jobs.map(({ id, checkFile, file, seed }) => ({ id, checkFile, file, seed }));
  writeFileSync(file, JSON.stringify({ ...request, jobs }));
  const stop = new AbortController();
  let size = 0;
  const look = setInterval(() => {
    const now = existsSync(request.memory) ? statSync(request.memory).size : 0;
    if (now === size) stop.abort();
    size = now;
  }, STALLED_MS);
  const args = ['run', '--project', 'mutants', '--no-file-parallelism', '--reporter', 'dot'];
  const env = { ...context.env, WORKBOOK_MUTANTS: file };
  await runVitest(args, context, env, { silent: true, signal: stop.signal });
  clearInterval(look);
  rmSync(folder, { recursive: true, force: true });
}

/** On a terminal: how far it is, and how long the rest takes at the pace so far. */
function tellProgress({ stderr }: Context, memory: Memory, open: readonly MutantJob[]): { stop(): void } {
  if (!stderr.isTTY || open.length === 0) return { stop: () => {} };
  const startedAt = performance.now();
  const tell = () => {
    const known = memory.verdicts();
    const done = open.filter(({ id }) => known.has(id)).length;
    const leftMin = (((performance.now() - startedAt) / Math.max(1, done)) * (open.length - done)) / 60_000;
    stderr.write(`\r${done} of ${open.length}, about ${Math.ceil(leftMin)} min left   `);
  };
  const timer = setInterval(tell, 2000);
  return {
    stop() {
      clearInterval(timer);
      tell();
      stderr.write('\n');
    },
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
