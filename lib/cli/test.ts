import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findLabs } from '../workbook/find.ts';
import { readWorkbook } from '../workbook/workbook.ts';
import { plan } from './command-line.ts';
import { type Context, type ExitCode, runEntry } from './context.ts';
import { runCommand } from './run-command.ts';

/** `npm test`: proves the workbook; with days or labs, grades the learner's files; else hands on to vitest. */
export function main(): Promise<void> {
  return runEntry(test);
}

async function test(argv: string[], context: Context): Promise<ExitCode> {
  const labs = argv.filter((word) => !word.startsWith('-'));
  const named = labs.length > 0 && labs.length === argv.length && areLabs(labs, context.root);
  if (named) return runCommand(plan(['check', ...labs], {}), context);
  const projects = ['--project', 'workbook', ...(argv.length > 0 ? ['--project', 'long'] : [])];
  return runVitest(['run', ...projects, ...argv], context);
}

/** A word that could be a lab or a file of tests is a lab only if it says so: "day1", "day1.2", "fan-out". */
function areLabs(words: string[], root: string): boolean {
  if (words.some((word) => word.startsWith('test'))) return false;
  return words.every((word) => /^(day)?\d+(\.\d+)?$/.test(word)) || findLabs(readWorkbook(root), words).ok;
}

/** Runs vitest's own command with the terminal as its own, and answers with its exit code. */
export function runVitest(
  args: string[],
  context: Context,
  env: NodeJS.ProcessEnv = context.env,
  options: ChildOptions = {},
): Promise<ExitCode> {
  const home = createRequire(import.meta.url).resolve('vitest/package.json');
  return runNode([join(dirname(home), 'vitest.mjs'), ...args], context, { env, ...options });
}

interface ChildOptions {
  /** What it prints goes nowhere. */
  silent?: boolean;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Runs a script with this Node. 0 if it ended well, else 1. */
export function runNode(
  args: string[],
  context: Context,
  {
    env = context.env,
    cwd = context.root,
    silent = false,
    signal,
  }: { env?: NodeJS.ProcessEnv; cwd?: string } & ChildOptions = {},
): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, args, {
      ...{ cwd, env },
      stdio: silent ? 'ignore' : 'inherit',
    });
    context.onStop(() => child.kill());
    signal?.addEventListener('abort', () => child.kill('SIGKILL'));
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? 0 : 1));
  });
}
