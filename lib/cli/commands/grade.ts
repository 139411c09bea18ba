import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gradeOthers } from '../../grader/others.ts';
import { labJson } from '../../report/json.ts';
import { othersLine, othersTable } from '../../report/others.ts';
import { findLabs } from '../../workbook/find.ts';
import { mergeResults, type OthersResults, readResults, shard, writeResults } from '../../workbook/others.ts';
import { allLabs } from '../../workbook/workbook.ts';
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
}

/** Grades other people's workbooks with this one's checks. 0 when all could be graded, however they did. */
export async function grade(context: Context, course: Course, choice: GradeChoice): Promise<ExitCode> {
  if (choice.merge) return merge(context, choice);
  const { workbook } = course;
  const part = readShard(choice.shard);
  if (!part)
    return complain(context, `--shard is given as 2/4, the second of four; "${choice.shard}" is not.`);
  const dirs = shard(choice.dirs, part.index, part.count);
  const stranger = dirs.find((dir) => !existsSync(join(resolve(context.cwd, dir), 'days')));
  if (stranger) return complain(context, `${stranger} is no workbook: it has no folder \`days\`.`);
  const labs = choice.labs
    ? findLabs(workbook, choice.labs.split(','))
    : { ok: true as const, found: allLabs(workbook) };
  if (!labs.ok) return complain(context, labs.problem);

  const out = choice.out === undefined ? undefined : resolve(context.cwd, choice.out);
  const results = begin(out, choice.seed);
  const done = new Set(results.rows.map((row) => row.dir));
  if (!choice.json)
    say(
      context,
      `Seed ${results.seed}. Node is no sandbox: for code you do not trust, run this in a container.\n`,
    );
  await gradeOthers(
    dirs.filter((dir) => !done.has(dir)),
    {
      ...{ workbook, labs: labs.found, seed: results.seed, env: context.env, cwd: context.cwd },
      onRow({ dir, verdicts }) {
        const row = { dir, labs: verdicts.map(labJson) };
        results.rows.push(row);
        if (out) writeResults(out, results);
        if (!choice.json) say(context, othersLine(row, context.style));
      },
      onStop: context.onStop,
    },
  );
  if (choice.json) say(context, JSON.stringify(results, null, 2));
  if (done.size > 0 && !choice.json)
    say(context, `${done.size} were graded before; they are in ${choice.out}.`);
  return 0;
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Seeds below this are for learners. */
const FIRST_UNSEEN_SEED = 1000;

/** The results so far: a file that is there is gone on with, on its seed. */
function begin(out: string | undefined, seed: number | undefined): OthersResults {
  const before = out === undefined ? undefined : readResults(out);
  if (before && (seed === undefined || seed === before.seed)) return before;
  const drawn = FIRST_UNSEEN_SEED + Math.floor(Math.random() * 1_000_000);
  return { version: 1, seed: seed ?? drawn, rows: [] };
}

function readShard(text: string | undefined): { index: number; count: number } | undefined {
  if (text === undefined) return { index: 1, count: 1 };
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  return index >= 1 && index <= count ? { index, count } : undefined;
}

function merge(context: Context, { dirs, out, json }: GradeChoice): ExitCode {
  const files = dirs.map((file) => ({ file, results: readResults(resolve(context.cwd, file)) }));
  const missing = files.find(({ results }) => !results);
  if (missing) return complain(context, `There is no file ${missing.file}.`);
  const merged = mergeResults(files.flatMap(({ results }) => results ?? []));
  if ('problem' in merged) return complain(context, merged.problem);
  if (out) writeResults(resolve(context.cwd, out), merged);
  say(context, json ? JSON.stringify(merged, null, 2) : othersTable(merged.rows, context.style));
  return 0;
}
