import type { Readable, Writable } from 'node:stream';
import { createStyle, type Style } from '../report/style.ts';
import { HOME } from '../workbook/home.ts';
import { storageProblem, unstored } from '../workbook/storage.ts';

/** All that a command may touch of the world outside. */
export interface Context {
  /** Root of the workbook: the folder that has `days` and `solutions`. */
  root: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  style: Style;
  /** Things to end when the process is told to stop. */
  onStop(action: () => void): void;
}

/** 0 all is well, 1 something did not pass, 2 usage or the program's own fault, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Runs an entry's `body` with the real process, and turns its answer, a fault or Ctrl-C into an exit code. */
export async function runEntry(body: (argv: string[], context: Context) => Promise<ExitCode>): Promise<void> {
  const stops: (() => void)[] = [];
  const stopAll = () => {
    for (const stop of stops.splice(0)) stop();
  };
  const { env, stdin, stdout, stderr } = process;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      stopAll();
      process.exit(code);
    });
  }
  const context: Context = {
    root: env.WORKBOOK_ROOT ?? HOME,
    cwd: process.cwd(),
    env,
    stdin,
    stdout,
    stderr,
    style: createStyle(stdout, env),
    onStop: (action) => stops.push(action),
  };
  // A reader that has seen enough (`| head`) is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));
  try {
    process.exitCode = await body(process.argv.slice(3), context);
  } catch (error) {
    const problem = storageProblem(error);
    const fault = `This is a fault of the workbook, not of your code: ${error instanceof Error ? error.stack : error}`;
    stderr.write(`${problem ?? fault}\n`);
    process.exitCode = 2;
  }
  for (const problem of unstored()) stderr.write(`This could not be remembered. ${problem}\n`);
  stopAll();
}

export function say(context: Context, text: string): void {
  context.stdout.write(`${text}\n`);
}
