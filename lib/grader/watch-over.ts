import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Place } from '../workbook/verdict.ts';
import { killTree } from './kill.ts';
import type { Limits } from './limits.ts';
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

/** Has a child grade one request, and ends it when it takes, prints or holds more than it may. */
export function watchOver(
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

/** How long a flood of output waits for the message that names the running check, which comes by another road. */
const GRACE_MS = 100;

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
