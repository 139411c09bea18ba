import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stampOf } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import { cacheFolder } from '../workbook/storage.ts';
import type { Place } from '../workbook/verdict.ts';
import type { ChildOptions } from './child/main.ts';
import { gradingEnvironment } from './environment.ts';
import { type Isolation, launchCommand } from './isolation.ts';
import { killTree } from './kill.ts';
import { DEFAULT_LIMITS, type Limits, limitsFrom } from './limits.ts';
import type {
  ChildEvent,
  ChildMessage,
  EndedCheck,
  GradeRequest,
  Incident,
  ThrownError,
} from './protocol.ts';
import { watchUsage } from './watch.ts';

/** How grading one request ended. */
export type RunEnd =
  | {
      how: 'done';
      checks: EndedCheck[];
      /** Titles of the checks that were to report. */
      declared: string[];
      loadErrors: ThrownError[];
      unhandled: ThrownError[];
    }
  | { how: 'refused'; message: string; place?: Place }
  /** The child was ended; `running` is the check that was running then. */
  | { how: 'killed'; why: string; running?: string; checks: EndedCheck[] }
  /** The grader's own fault. */
  | { how: 'broken'; message: string };

export interface RunResult {
  end: RunEnd;
  incidents: Incident[];
  /** What the code printed, by the title of the check that was running. */
  output: Map<string, { text: string; cut: boolean }>;
  wallMs: number;
}

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

/** How long a flood of output waits for the message that names the running check, which comes by another road. */
const GRACE_MS = 100;

function watchOver(
  child: ChildProcess,
  request: Omit<GradeRequest, 'token'>,
  bounds: Limits,
  onCheck: ((title: string) => void) | undefined,
): Promise<RunResult> {
  const token = randomUUID();
  const startedAt = performance.now();
  const incidents: Incident[] = [];
  const output: RunResult['output'] = new Map();
  let running: string | undefined;
  let ended: EndedCheck[] = [];
  let declared: string[] = [];
  let bytes = 0;
  let lastWords = '';
  let flooded = false;

  return new Promise((resolve) => {
    let alarm: NodeJS.Timeout | undefined = setTimeout(
      () => kill(`vitest did not start within ${bounds.startMs / 1000} s`),
      bounds.startMs,
    );
    const watch = watchUsage(bounds, (why) => kill(why), child.pid);
    const finish = (end: RunEnd) => {
      clearTimeout(alarm);
      watch.stop();
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      child.stdout?.off('data', onData);
      child.stderr?.off('data', onData);
      resolve({ end, incidents, output, wallMs: performance.now() - startedAt });
    };
    const kill = (why: string) => {
      killTree(child);
      finish({ how: 'killed', why, running, checks: ended });
    };
    const limit = (cpuMs: number) => {
      if (flooded) return;
      clearTimeout(alarm);
      watch.allow(cpuMs);
    };
    const onExit = () => kill(whyItEnded(lastWords));
    const onError = (error: Error) => finish({ how: 'broken', message: error.message });
    const onData = (data: Buffer) => {
      bytes += data.length;
      lastWords = (lastWords + data.toString()).slice(-LAST_WORDS);
      if (bytes <= bounds.outputBytes || flooded) return;
      child.stdout?.pause();
      child.stderr?.pause();
      flooded = true;
      clearTimeout(alarm);
      const why = `it printed more than ${bounds.outputBytes / 1e6} MB past the console`;
      alarm = setTimeout(() => kill(why), GRACE_MS);
    };
    const onMessage = (message: unknown) => {
      const event = message as ChildMessage;
      if (event.token === token) handle(event);
    };
    const handle = (event: ChildEvent) => {
      switch (event.event) {
        case 'ready':
          limit(bounds.loadMs);
          break;
        case 'started':
          limit(bounds.checksMs * request.patience);
          running = event.title;
          ended = event.ended;
          declared = event.declared;
          onCheck?.(event.title);
          break;
        case 'output': {
          const kept = output.get(event.title) ?? { text: '', cut: false };
          output.set(event.title, { text: kept.text + event.text, cut: kept.cut || event.cut });
          break;
        }
        case 'incident':
          incidents.push(event.incident);
          break;
        case 'answering':
          watch.follow(event.pid);
          break;
        case 'ended':
          kill(whyItEnded(lastWords));
          break;
        case 'refused':
          finish({ how: 'refused', message: event.message, place: event.place });
          break;
        case 'done':
          finish({
            how: 'done',
            ...{ checks: event.checks, declared },
            loadErrors: event.loadErrors,
            unhandled: event.unhandled,
          });
          break;
        case 'broken':
          finish({ how: 'broken', message: event.message });
          break;
      }
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.send({ ...request, token });
  });
}

/** Characters of the child's own output that are looked at for the reason of its end. */
const LAST_WORDS = 4000;

/** What Node prints around the reason: its version, frames of a stack, native ones too. */
const NOISE = /^(Node\.js v|at |\d+: 0x|[^A-Za-z]*$|-+ )/;

function whyItEnded(lastWords: string): string {
  // A worker that is full ends without a word; other ways to end it are refused to the code under check.
  if (/out of memory|Worker exited unexpectedly/i.test(lastWords))
    return 'it used more memory than a lab may';
  const lines = lastWords.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !NOISE.test(line));
  const last = telling.findLast((line) => /Error\b/.test(line)) ?? telling.at(-1);
  return `the process ended${last ? `: ${last}` : ''}`;
}
