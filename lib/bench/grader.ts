import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gradeLab } from '../grader/grade.ts';
import { createRunner } from '../grader/runner.ts';
import { findLab } from '../workbook/find.ts';
import { learnerFiles, readWorkbook } from '../workbook/workbook.ts';

/** One figure of how long people wait, and what it is held against. */
export interface WaitRow {
  name: string;
  /** What was run, and what beside it: to be typed in the workbook's folder. */
  command: string;
  baseline: string | null;
  medianMs: number;
  p95Ms: number;
  baselineMs: number | null;
  /** Ours as a multiple of the baseline. */
  ratio: number | null;
  aim: string;
}

export interface GraderBench {
  root: string;
  env: NodeJS.ProcessEnv;
  /** What watch mode watches files with; its patience counts too. */
  watch(dir: string, files: readonly string[], onChange: () => void): { stop(): void };
  say(text: string): void;
}

const ROUNDS = 9;
const SAVES = 20;
const LAB = 'day1.1';
/** Nobody saves again at once: meanwhile the child gets the next thread ready. */
const BETWEEN_SAVES_MS = 1500;

/** How long a verdict, a save and a list take. Works on a copy of the first day, so nobody's progress is touched. */
export async function benchGrader(bench: GraderBench): Promise<WaitRow[]> {
  const { root, say } = bench;
  mkdirSync(join(root, '.workbook'), { recursive: true });
  const folder = mkdtempSync(join(root, '.workbook', 'bench-'));
  try {
    for (const part of ['days', 'solutions'])
      cpSync(join(root, part, 'day1-latency'), join(folder, part, 'day1-latency'), { recursive: true });
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'empty', 'empty.test.ts'), EMPTY_TEST);
    // Without a configuration of its own it would find the workbook's.
    writeFileSync(join(folder, 'empty', 'vitest.config.mjs'), 'export default {};\n');
    say(`a cold check of ${LAB} beside an empty vitest run, ${ROUNDS} times`);
    const cold = await coldCheck(bench, folder);
    say(`${SAVES} saves in watch mode`);
    const saves = await saveToVerdict(bench, folder);
    say(`the list of labs beside an empty program, ${ROUNDS} times`);
    return [cold, saves, await list(bench)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- the three figures -------------------------------------------------------------------------------------------

const EMPTY_TEST = "import { test } from 'vitest';\ntest('nothing', () => {});\n";

function coldCheck(bench: GraderBench, folder: string): Promise<WaitRow> {
  const at = relative(bench.root, folder).replaceAll('\\', '/');
  return duel(bench, {
    name: `cold check of ${LAB} to its verdict`,
    ours: ['lib/cli/start.cjs', 'lab', 'check', LAB],
    oursEnv: { WORKBOOK_ROOT: folder },
    shown: `WORKBOOK_ROOT=${at} node lib/cli/start.cjs lab check ${LAB}`,
    baseline: ['node_modules/vitest/vitest.mjs', 'run', '--root', join(at, 'empty')],
    aim: 'at most 1.8 times',
  });
}

function list(bench: GraderBench): Promise<WaitRow> {
  return duel(bench, {
    name: 'list of labs',
    ours: ['lib/cli/start.cjs', 'lab', 'list'],
    baseline: ['--import', 'tsx', '-e', '0'],
    aim: 'at most 1.5 times',
  });
}

/** From the moment a file is written to its verdict, in a warm child, with the watcher's patience. */
async function saveToVerdict({ env, watch }: GraderBench, folder: string): Promise<WaitRow> {
  const workbook = readWorkbook(folder);
  const found = findLab(workbook, LAB);
  if (!found.ok) throw new Error(found.problem);
  const lab = found.found;
  const [file = ''] = learnerFiles(lab);
  const runner = createRunner({ root: folder, env });
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  const grade = () => gradeLab(runner, lab, { workbook, progress, quick: true });
  const times: number[] = [];
  try {
    await grade();
    for (let save = 0; save < SAVES; save += 1) {
      await setTimeout(BETWEEN_SAVES_MS);
      const startMs = performance.now();
      await new Promise<void>((resolve) => {
        const watcher = watch(lab.dir, learnerFiles(lab), () => {
          watcher.stop();
          resolve();
        });
        appendFileSync(file, `// Saved ${save} times.\n`);
      });
      await grade();
      times.push(performance.now() - startMs);
    }
  } finally {
    runner.close();
  }
  return {
    name: `save to verdict in watch mode, a save every ${BETWEEN_SAVES_MS / 1000} s`,
    command: `npm run lab -- watch ${LAB}, then save the file`,
    ...{ baseline: null, baselineMs: null, ratio: null },
    ...{ medianMs: quantile(times, 0.5), p95Ms: quantile(times, 0.95) },
    aim: 'median at most 0.5 s, p95 at most 1 s, on two idle cores',
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

interface Duel {
  name: string;
  ours: readonly string[];
  oursEnv?: NodeJS.ProcessEnv;
  /** How ours is written for people to type; default: as it is run. */
  shown?: string;
  baseline: readonly string[];
  aim: string;
}

/** Both programs turn about, so that a busy machine slows both. The first round only warms the disk. */
async function duel(
  bench: GraderBench,
  { name, ours, oursEnv, shown, baseline, aim }: Duel,
): Promise<WaitRow> {
  const times: [number, number][] = [];
  for (let round = 0; round <= ROUNDS; round += 1)
    times.push([await took(bench, ours, oursEnv), await took(bench, baseline)]);
  const [own, other] = [0, 1].map((at) => times.slice(1).map((pair) => pair[at as 0 | 1])) as [
    number[],
    number[],
  ];
  const [medianMs, baselineMs] = [quantile(own, 0.5), quantile(other, 0.5)];
  return {
    ...{ name, aim, medianMs, baselineMs, p95Ms: quantile(own, 0.95), ratio: medianMs / baselineMs },
    command: shown ?? `node ${ours.join(' ')}`,
    baseline: `node ${baseline.join(' ')}`,
  };
}

function took(
  { root, env }: GraderBench,
  words: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd: root, env: { ...env, ...more }, stdio: 'ignore' });
    child.on('error', reject).on('close', () => resolve(performance.now() - startMs));
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
