import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { guardedParts } from '../../grader/course-guard.ts';
import { type GradedWorkbook, gradeOthers } from '../../grader/grade-others.ts';
import { bubblewrapWorks, type Isolation, LEVELS, strongest } from '../../grader/isolation.ts';
import { labJson } from '../../report/json.ts';
import { othersLine, othersTable, timeLeft } from '../../report/others-table.ts';
import { plainJson } from '../../report/visible.ts';
import { hashTree } from '../../workbook/files.ts';
import { findLabs } from '../../workbook/find.ts';
import { HOME } from '../../workbook/home.ts';
import {
  addRow,
  agreedSeed,
  FIRST_UNSEEN_SEED,
  isGraded,
  type LabResult,
  mergeResults,
  type OthersResults,
  plainDir,
  readResults,
  shard,
  writeResults,
} from '../../workbook/others-results.ts';
import { allLabs, learnerFiles, type Workbook } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';

export interface GradeChoice {
  /** Folders of workbooks, or with `merge` files of results. */
  dirs: string[];
  merge: boolean;
  json: boolean;
  /** Undefined draws one that nobody has seen. */
  seed?: number;
  /** Days and labs, separated by commas. Default: all. */
  labs?: string;
  out?: string;
  /** "2/4": the second of four jobs. */
  shard?: string;
  /** The level that answers are to be isolated at. Default: the strongest that this machine has. */
  isolation?: string;
}

/** Grades other people's workbooks with this one's checks. 0 when all could be graded, however they did. */
export async function grade(context: Context, course: Course, choice: GradeChoice): Promise<ExitCode> {
  if (choice.merge) return merge(context, choice);
  const { workbook } = course;
  const part = readShard(choice.shard);
  if (!part)
    return complain(context, `--shard is given as 2/4, the second of four; "${choice.shard}" is not.`);
  const isolation = readIsolation(choice.isolation);
  if (typeof isolation !== 'string') return complain(context, isolation.problem);
  const everybody = [...new Set(choice.dirs.map(plainDir))];
  const dirs = shard(everybody, part.index, part.count);
  const stranger = dirs.find((dir) => !existsSync(join(resolve(context.cwd, dir), 'days')));
  if (stranger) return complain(context, `${stranger} is no workbook: it has no folder \`days\`.`);
  const labs = choice.labs
    ? findLabs(workbook, choice.labs.split(','))
    : { ok: true as const, found: allLabs(workbook) };
  if (!labs.ok) return complain(context, labs.problem);

  const version = versionOf(workbook);
  const agreed = part.count > 1 ? agreedSeed(everybody, version) : undefined;
  const store = open(context, choice, choice.seed ?? agreed);
  const { results } = store;
  if (!choice.json) say(context, `Seed ${results.seed}. ${IN_WORDS[isolation]}\n`);
  const tell = progressLine(context, dirs.length);
  let before = 0;
  await gradeOthers(dirs, {
    ...{ workbook, labs: labs.found, seed: results.seed, env: context.env, cwd: context.cwd, isolation },
    isDone: (dir, lab, content) =>
      isGraded(store.rowOf(dir), lab.id, { seed: results.seed, content, course: version }),
    onRow({ dir, labs: graded }: GradedWorkbook) {
      if (graded.length === 0) before += 1;
      const found = graded.map(({ verdict, content }) => ({ ...labJson(verdict), content, course: version }));
      const row = store.add(dir, found);
      const wanted = row.labs.filter(({ id }) => labs.found.some((lab) => lab.id === id));
      tell.clear();
      if (!choice.json && graded.length > 0) say(context, othersLine({ dir, labs: wanted }, context.style));
      tell.step();
    },
    onStop: context.onStop,
  });
  tell.clear();
  store.save();
  if (choice.json) say(context, plainJson(results, 2));
  if (before > 0 && !choice.json) say(context, `${before} were graded before; they are in ${choice.out}.`);
  return 0;
}

// --- isolation ---------------------------------------------------------------------------------------------------

/** What is said of a level before anything is graded. */
const IN_WORDS: Record<Isolation, string> = {
  bubblewrap:
    'Isolation: bubblewrap. Answers have no network, see no files of others, and write only to a folder that goes with them.',
  permission:
    'Isolation: Node’s permission model. Answers read only the course and write only to a temporary folder; the network is refused by the grader alone. For code you do not trust, use bubblewrap or a container.',
  copies:
    'Isolation: copies. Course and submissions are compared and put back after each answer, which can read what you can read. For code you do not trust, use bubblewrap or a container.',
};

function readIsolation(wanted: string | undefined): Isolation | { problem: string } {
  if (wanted === undefined) return strongest();
  const level = LEVELS.find((each) => each === wanted);
  if (!level) return { problem: `--isolation is one of ${LEVELS.join(', ')}; "${wanted}" is not.` };
  if (level === 'bubblewrap' && !bubblewrapWorks())
    return {
      problem:
        'bubblewrap was asked for and does not work here: install it (apt install bubblewrap), or let a container make namespaces.',
    };
  return level;
}

// --- the results -------------------------------------------------------------------------------------------------

/** Writing thousands of rows takes a moment, so it is not done after each. */
const SAVE_EVERY_MS = 2000;

interface Store {
  results: OthersResults;
  rowOf(dir: string): OthersResults['rows'][number] | undefined;
  add(dir: string, labs: readonly LabResult[]): OthersResults['rows'][number];
  save(): void;
}

/** The results so far: a file that is there is gone on with, on its seed unless another is asked for. */
function open(context: Context, { out }: GradeChoice, seed: number | undefined): Store {
  const path = out === undefined ? undefined : resolve(context.cwd, out);
  const { results: before, notice } = path === undefined ? {} : readResults(path);
  if (notice) context.stderr.write(`${notice}\n`);
  const drawn = FIRST_UNSEEN_SEED + Math.floor(Math.random() * 1_000_000);
  const rows = (before?.rows ?? []).map((row) => ({ ...row, dir: plainDir(row.dir) }));
  const results: OthersResults = { version: 1, seed: seed ?? before?.seed ?? drawn, rows };
  const byDir = new Map(results.rows.map((row) => [row.dir, row]));
  let savedAt = 0;
  const save = () => {
    savedAt = Date.now();
    if (path) writeResults(path, results);
  };
  context.onStop(save);
  return {
    results,
    save,
    rowOf: (dir) => byDir.get(dir),
    add(dir, labs) {
      const row = addRow(results, byDir, dir, labs);
      if (Date.now() - savedAt > SAVE_EVERY_MS) save();
      return row;
    },
  };
}

/** Changes with everything that a verdict depends on, except what learners write. */
function versionOf(workbook: Workbook): string {
  const theirs = new Set(allLabs(workbook).flatMap(learnerFiles));
  return hashTree(guardedParts(workbook.root, HOME), (file) => !theirs.has(file));
}

// --- the terminal ------------------------------------------------------------------------------------------------

/** How far it is, on a terminal and apart from the results. */
function progressLine({ stderr }: Context, count: number): { step(): void; clear(): void } {
  const startedAt = Date.now();
  let done = 0;
  const shown = stderr.isTTY === true;
  return {
    step() {
      done += 1;
      if (shown && done < count)
        stderr.write(`${done} of ${count}, ${timeLeft(done, count, Date.now() - startedAt)}`);
    },
    clear() {
      if (shown) stderr.write('\r\x1b[K');
    },
  };
}

function readShard(text: string | undefined): { index: number; count: number } | undefined {
  if (text === undefined) return { index: 1, count: 1 };
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  return index >= 1 && index <= count ? { index, count } : undefined;
}

function merge(context: Context, { dirs, out, json }: GradeChoice): ExitCode {
  const files = dirs.map((file) => ({ file, ...readResults(resolve(context.cwd, file)) }));
  for (const { notice } of files) if (notice) context.stderr.write(`${notice}\n`);
  const missing = files.find(({ results }) => !results);
  if (missing) return complain(context, `There is no file ${missing.file}.`);
  const merged = mergeResults(files.flatMap(({ results }) => results ?? []));
  if ('problem' in merged) return complain(context, merged.problem);
  if (out) writeResults(resolve(context.cwd, out), merged);
  say(context, json ? plainJson(merged, 2) : othersTable(merged.rows, context.style));
  return 0;
}
