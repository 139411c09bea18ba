import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Verdict } from '../workbook/verdict.ts';
import type { Lab, Workbook } from '../workbook/workbook.ts';
import { gradeLab } from './grade.ts';
import { createRunner } from './runner.ts';

/** How one person's workbook did, in full. */
export interface GradedWorkbook {
  /** The folder as it was named. */
  dir: string;
  verdicts: Verdict[];
}

export interface OthersOptions {
  /** The workbook whose checks, scenarios and solutions are used. */
  workbook: Workbook;
  labs: readonly Lab[];
  seed: number;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Called when a folder is done, in the order in which they end. */
  onRow(row: GradedWorkbook): void;
  /** Receives what is to be ended when the program is told to stop. */
  onStop(action: () => void): void;
}

/** Grades other people's workbooks, several at a time. Only the files that learners edit are taken from them. */
export async function gradeOthers(dirs: readonly string[], options: OthersOptions): Promise<void> {
  const queue = [...dirs];
  const work = async () => {
    for (let dir = queue.shift(); dir !== undefined; dir = queue.shift()) {
      options.onRow(await gradeOne(dir, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), dirs.length) }, work));
}

// --- one workbook ------------------------------------------------------------------------------------------------

/**
 * Each workbook is graded in a temporary folder which is also its home, in a child of its own. From Node 22 on Node's
 * permission model keeps its writes inside. None of this makes Node a sandbox: code that wants out gets out.
 */
async function gradeOne(dir: string, options: OthersOptions): Promise<GradedWorkbook> {
  const { workbook, env, cwd, seed } = options;
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'workbook-grade-')));
  const runner = createRunner({
    root: workbook.root,
    env: { ...env, HOME: home, USERPROFILE: home, TMPDIR: home, TMP: home, TEMP: home },
    // Not the workbook's own cache: what is written there is run for the next person.
    cacheDir: join(home, 'cache'),
    isolation: 'permission',
    temp: home,
  });
  const end = () => {
    runner.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  options.onStop(end);
  try {
    const verdicts: Verdict[] = [];
    for (const lab of options.labs) {
      const subject = take(resolve(cwd, dir), home, lab);
      const progress = { version: 1 as const, labs: {}, quizzes: {} };
      const verdict = await gradeLab(runner, lab, { workbook, progress, subject, seed, quick: true });
      verdicts.push({ ...verdict, subject: join(dir, 'days', lab.key) });
    }
    return { dir, verdicts };
  } finally {
    end();
  }
}

/** Copies the learner's files of a lab and gives the folder they are in. */
function take(from: string, home: string, lab: Lab): string {
  const folder = join(home, 'work', ...lab.key.split('/'));
  mkdirSync(folder, { recursive: true });
  for (const file of lab.files) {
    const source = join(from, 'days', ...lab.key.split('/'), file);
    if (existsSync(source)) copyFileSync(source, join(folder, basename(file)));
  }
  return folder;
}
