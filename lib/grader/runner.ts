import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stampOf } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import { cacheFolder } from '../workbook/storage.ts';
import type { ChildOptions } from './child/main.ts';
import { gradingEnvironment } from './environment.ts';
import { type Isolation, launchCommand } from './isolation.ts';
import { killTree } from './kill.ts';
import { DEFAULT_LIMITS, type Limits, limitsFrom } from './limits.ts';
import type { GradeRequest } from './protocol.ts';
import { type RunResult, watchOver } from './watch-over.ts';

/** Grades requests one after the other in a child process, which is started when needed and kept warm. */
export interface Runner {
  /** Starts the child now, so that the first request need not wait for it. */
  warmUp(): void;
  grade(request: Omit<GradeRequest, 'token'>, onCheck?: (title: string) => void): Promise<RunResult>;
  /** Ends the child and all it started. */
  close(): void;
}

export interface RunnerOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  limits?: Partial<Limits>;
  /** Where the child keeps compiled files of the machinery. Default: the workbook's own cache. */
  cacheDir?: string;
  /** How the process of the answer is kept from the rest of the machine. Default: by Node's permission model. */
  isolation?: Isolation;
  /** How many it grades before its child is started anew. Default: no limit. */
  gradings?: number;
  /** Where that process may write. Default: the system's folder for temporary files. */
  temp?: string;
  /** Files of the course that it may not read: what somebody else wrote. */
  hidden?: readonly string[];
}

export function createRunner(options: RunnerOptions): Runner {
  const bounds: Limits = { ...DEFAULT_LIMITS, ...limitsFrom(options.env), ...options.limits };
  const { gradings = Number.POSITIVE_INFINITY } = options;
  let child: ChildProcess | undefined;
  let graded = 0;
  let machinery = '';
  const end = () => {
    if (child) killTree(child);
    child = undefined;
  };
  const started = () => {
    if (child === undefined) {
      graded = 0;
      machinery = stampOf(MACHINERY);
      child = start(options, bounds);
    }
    return child;
  };
  return {
    warmUp() {
      started();
    },
    async grade(request, onCheck) {
      // A child has loaded the machinery once and for all.
      if (graded >= gradings || (child && machinery !== stampOf(MACHINERY))) end();
      const result = await watchOver(started(), request, bounds, onCheck);
      graded += 1;
      // A child that was ended, or in which something went wrong, must not grade the next lab.
      if (result.end.how === 'killed' || result.end.how === 'broken') end();
      return result;
    },
    close: end,
  };
}

/** What a child keeps in memory while it is warm. */
const MACHINERY = ['clock', 'provider', 'check', 'grader'].map((part) => join(HOME, 'lib', part));

// --- the child ---------------------------------------------------------------------------------------------------

const CHILD = fileURLToPath(new URL('./child/start.cjs', import.meta.url));

function start(
  { root, env, cacheDir, isolation = 'permission', temp = tmpdir(), hidden = [] }: RunnerOptions,
  { heapMb }: Limits,
): ChildProcess {
  const cache = cacheDir ?? cacheFolder(root);
  const launch = launchCommand(isolation, { home: HOME, root, temp, reads: [cache], hidden, heapMb });
  const options: ChildOptions = { root, cacheDir: cache, launch };
  return spawn(process.execPath, [CHILD, JSON.stringify(options)], {
    cwd: root,
    env: gradingEnvironment(env),
    // A group of its own, so that the whole tree can be ended at once.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
