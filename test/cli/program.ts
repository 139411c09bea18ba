import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

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
  const child = spawn(process.execPath, [...nodeFlags, resolve('lib/cli/start.cjs'), ...words], {
    env: { ...process.env, WORKBOOK_ROOT: root, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd && { cwd }),
  });
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
