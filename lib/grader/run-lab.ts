import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { ACCOUNT_VARIABLES, type RunEvent, type RunRequest } from '../workbook/run-events.ts';
import { filteredPieces, secretsFilter } from '../workbook/secrets.ts';
import { type Lab, scenarioFile } from '../workbook/workbook.ts';
import { gradingEnvironment } from './environment.ts';
import { killTree } from './kill.ts';

export interface RunLabOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  mode: RunRequest['mode'];
  seed: number;
  budgetUsd: number;
  /** Default 1. */
  expectedCalls?: number;
  /** How many times as fast as life a simulated run is shown. Default 1. */
  speed?: number;
  /** The recorded traffic to replay, in that mode. */
  trace?: string;
  onEvent(event: RunEvent): void;
  /** What the code prints. */
  onOutput(text: string): void;
  onStop(action: () => void): void;
}

/** Wall-clock time for what is virtual and takes a moment; nothing else is limited but by the learner. */
const LIMITS_MS: Partial<Record<RunRequest['mode'], number>> = { estimate: 30_000, replay: 60_000 };

const CHILD = fileURLToPath(new URL('./run/start.cjs', import.meta.url));

/** Plays a lab's scenario with the learner's file in a child process. Resolves when it has ended. */
export function runLab(lab: Lab, options: RunLabOptions): Promise<{ stopped: boolean }> {
  const { root, env, mode, seed, budgetUsd, expectedCalls = 1, speed = 1, trace } = options;
  const request: RunRequest = {
    scenarioFile: scenarioFile(lab),
    subjectFile: join(lab.dir, lab.files[0] ?? ''),
    ...{ mode, seed, speed, budgetUsd, expectedCalls, trace },
  };
  const child: ChildProcess = spawn(process.execPath, [CHILD, JSON.stringify(request)], {
    cwd: root,
    env: { ...gradingEnvironment(env), ...(mode === 'live' ? accountIn(root, env) : {}) },
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  options.onStop(() => killTree(child));
  // The code may be somebody else's, and in a live run it has the account.
  const clean = secretsFilter({ ...accountIn(root, env), ...env });
  return new Promise((resolve) => {
    let stopped = false;
    const stop = () => {
      stopped = true;
      killTree(child);
    };
    const limitMs = LIMITS_MS[mode];
    const alarm = limitMs === undefined ? undefined : setTimeout(stop, limitMs);
    child.on('message', (event) => options.onEvent(clean(event as RunEvent)));
    for (const stream of [child.stdout, child.stderr]) {
      const pieces = filteredPieces(clean, options.onOutput);
      stream?.setEncoding('utf8').on('data', pieces.write).on('end', pieces.end);
    }
    child.on('close', () => {
      clearTimeout(alarm);
      resolve({ stopped });
    });
  });
}

/** The account's variables from the environment or from `.env`; the environment has the last word. */
export function accountIn(root: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = join(root, '.env');
  const file = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  const both = { ...file, ...env };
  return Object.fromEntries(ACCOUNT_VARIABLES.flatMap((name) => (both[name] ? [[name, both[name]]] : [])));
}
