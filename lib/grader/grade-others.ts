import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HOME } from '../workbook/home.ts';
import type { Verdict } from '../workbook/verdict.ts';
import { allLabs, type Lab, learnerFiles, type Workbook } from '../workbook/workbook.ts';
import { type CourseGuard, guardedParts, guardFiles } from './course-guard.ts';
import { gradeLab, ungradedVerdict } from './grade.ts';
import type { Isolation } from './isolation.ts';
import { createRunner, type Runner } from './runner.ts';
import { readSubmission } from './submission.ts';

/** One lab of one person's workbook, graded. */
export interface GradedSubmission {
  verdict: Verdict;
  /** Hash of what was handed in. */
  content: string;
}

/** How one person's workbook did, in full. */
export interface GradedWorkbook {
  /** The folder as it was named. */
  dir: string;
  /** One for each lab that was asked for; undefined where it need not be graded again. */
  labs: GradedSubmission[];
}

export interface OthersOptions {
  /** The workbook whose checks, scenarios and solutions are used. */
  workbook: Workbook;
  labs: readonly Lab[];
  seed: number;
  env: NodeJS.ProcessEnv;
  cwd: string;
  isolation: Isolation;
  /** Workbooks that are graded at one time. Default: one for each core. With copies it is always one. */
  parallel?: number;
  /** True if this is graded already. */
  isDone?(dir: string, lab: Lab, content: string): boolean;
  /** Called when a folder is done, in the order in which they end. */
  onRow(row: GradedWorkbook): void;
  /** Receives what is to be ended when the program is told to stop. */
  onStop(action: () => void): void;
}

/** Grades other people's workbooks, several at a time. Only the files that learners edit are taken from them. */
export async function gradeOthers(dirs: readonly string[], options: OthersOptions): Promise<void> {
  removeLeftOvers();
  const { workbook, cwd, labs } = options;
  // Where nothing but their hash keeps them, files of others are guarded like the course's own.
  const others =
    options.isolation === 'copies' ? dirs.flatMap((dir) => handedIn(resolve(cwd, dir), labs)) : [];
  const guard = guardFiles(workbook.root, [...guardedParts(workbook.root, HOME), ...others]);
  const queue = [...dirs];
  // One at a time there, so that it is known whose doing a change is.
  const most = options.isolation === 'copies' ? 1 : (options.parallel ?? availableParallelism());
  const parallel = Math.min(most, Math.max(1, dirs.length));
  await Promise.all(Array.from({ length: parallel }, () => work(queue, guard, options)));
}

// --- one after the other -----------------------------------------------------------------------------------------

/** What a grader has compiled of answers stays in its memory, so it is renewed now and then. */
const GRADINGS_PER_RUNNER = 100;

/**
 * Grades from the queue in a temporary folder of its own, which is all that answers can write to. The grader itself runs
 * nothing of theirs, so it stays from one to the next; each answer has a process of its own.
 */
async function work(queue: string[], guard: CourseGuard, options: OthersOptions): Promise<void> {
  const { workbook, env, isolation } = options;
  const home = realpathSync(mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`)));
  const [temp, cacheDir] = [join(home, 'temp'), join(home, 'cache')];
  // Both are there before an answer's room is laid out, which shows only what is.
  for (const folder of [temp, cacheDir]) mkdirSync(folder);
  const runner = createRunner({
    root: workbook.root,
    env: { ...env, HOME: temp, USERPROFILE: temp, TMPDIR: temp, TMP: temp, TEMP: temp },
    // Not the workbook's own cache: a checkout that is read only has none.
    cacheDir,
    hidden: allLabs(workbook).flatMap(learnerFiles),
    ...{ isolation, temp, gradings: GRADINGS_PER_RUNNER },
  });
  const end = () => {
    runner.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  options.onStop(end);
  try {
    for (let dir = queue.shift(); dir !== undefined; dir = queue.shift()) {
      const graded: GradedSubmission[] = [];
      for (const lab of options.labs) {
        const one = await gradeOne(runner, dir, lab, guard, options);
        if (one) graded.push(one);
        for (const name of readdirSync(temp)) rmSync(join(temp, name), { recursive: true, force: true });
      }
      options.onRow({ dir, labs: graded });
    }
  } finally {
    end();
  }
}

async function gradeOne(
  runner: Runner,
  dir: string,
  lab: Lab,
  guard: CourseGuard,
  { workbook, cwd, seed, isDone }: OthersOptions,
): Promise<GradedSubmission | undefined> {
  const subject = join(dir, 'days', lab.key);
  const submission = readSubmission(resolve(cwd, dir), lab);
  if (!submission.ok) {
    const verdict = ungradedVerdict(lab, subject, seed, `There is no verdict: ${submission.problem}`);
    return { content: '', verdict };
  }
  const { texts, content } = submission;
  if (isDone?.(dir, lab, content)) return undefined;
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  const verdict = await gradeLab(runner, lab, { workbook, progress, texts, seed, guard, quick: true });
  return { content, verdict: { ...verdict, subject } };
}

function handedIn(dir: string, labs: readonly Lab[]): string[] {
  return labs.flatMap((lab) => lab.files.map((file) => join(dir, 'days', ...lab.key.split('/'), file)));
}

// --- the temporary folders ---------------------------------------------------------------------------------------

const PREFIX = 'workbook-grade-';

/** Folders of runs that were ended before they could clear up. */
function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^workbook-grade-(\d+)-/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
