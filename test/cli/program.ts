import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** How a command ended, and what it wrote. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the program without a terminal. `stdin` is an open pipe, which nobody writes to. */
export function program(
  root: string,
  words: readonly string[],
  { nodeFlags = [], env = {}, cwd }: { nodeFlags?: string[]; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ended> {
  const start = resolve('lib/cli/start.cjs');
  return ended(
    spawn(process.execPath, [...nodeFlags, start, ...words], {
      env: { ...process.env, WORKBOOK_ROOT: root, ...env },
      ...(cwd && { cwd }),
    }),
  );
}

/** Runs the program of another checkout, in its folder, as `npm run` does. */
export function startIn(
  checkout: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const start = join(checkout, 'lib', 'cli', 'start.cjs');
  return ended(
    spawn(process.execPath, [start, ...words], { cwd: checkout, env: { ...process.env, ...env } }),
  );
}

/** Waits for the end of a child and gives what it wrote. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}
