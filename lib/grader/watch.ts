import type { Limits } from './limits.ts';
import { type ProcessUsage, USAGE_EVERY_MS, usageOf } from './usage.ts';

/** Ends what uses more than it may: of its own CPU time, of memory, and at last of everybody's patience. */
export interface Watch {
  /** The process whose use counts. */
  follow(pid: number | undefined): void;
  /** From now on this much CPU time may be used. */
  allow(cpuMs: number): void;
  stop(): void;
}

/**
 * A busy machine makes code slow, and that is not the code's doing: so its own CPU time is limited, and the clock on the
 * wall only ends what waits for ever. `grader` is the process that the watched one may be waiting for.
 */
export function watchUsage(
  { memoryMb, idleMs }: Pick<Limits, 'memoryMb' | 'idleMs'>,
  end: (why: string) => void,
  grader?: number,
): Watch {
  let pid: number | undefined;
  let used = 0;
  let mark = 0;
  let limitMs = Number.POSITIVE_INFINITY;
  let alarm: NodeJS.Timeout | undefined;
  const isIdle = idleFor(idleMs);
  const look = setInterval(async () => {
    const usage = pid === undefined ? undefined : await usageOf(pid);
    if (!usage) return;
    used = usage.cpuMs;
    if (usage.memoryMb > memoryMb) end(`it used more than ${memoryMb} MB of memory`);
    else if (used - mark > limitMs) end(`no end within ${limitMs / 1000} s`);
    // It may wait for the grader, which compiles and judges.
    else if (
      Number.isFinite(limitMs) &&
      isIdle(usage, grader === undefined ? undefined : await usageOf(grader))
    )
      end(IDLE);
  }, USAGE_EVERY_MS);
  look.unref();
  return {
    follow(next) {
      pid = next;
      used = 0;
      mark = 0;
    },
    allow(cpuMs) {
      clearTimeout(alarm);
      limitMs = cpuMs;
      mark = used;
      const wallMs = cpuMs * PATIENCE;
      alarm = setTimeout(() => end(tooLong(cpuMs, wallMs)), wallMs);
    },
    stop() {
      clearTimeout(alarm);
      clearInterval(look);
    },
  };
}

const IDLE = 'no end, and nothing computed any more: it waits for something that never comes';

/** Less than this share of a core is no work: vite's compiler is looked after once a second. */
const IDLE_SHARE = 0.01;

/** Tells when an answer has slept, and neither it nor its grader has computed, for so long. */
function idleFor(ms: number): (answer: ProcessUsage, grader: ProcessUsage | undefined) => boolean {
  let before = Number.NEGATIVE_INFINITY;
  let since = 0;
  return (answer, grader) => {
    const sum = answer.cpuMs + (grader?.cpuMs ?? 0);
    const now = performance.now();
    // What is ready to run and gets no core is not idle.
    if (!answer.asleep || sum - before > ms * IDLE_SHARE) {
      before = sum;
      since = now;
    }
    return now - since >= ms;
  };
}

/**
 * How many times its CPU time a piece of code may take by the clock on the wall. More where the system says what it uses:
 * there what waits for ever is found out by that, and a machine can be as busy as it likes.
 */
const PATIENCE = process.platform === 'win32' ? 6 : 60;

function tooLong(cpuMs: number, wallMs: number): string {
  return (
    `no end within ${wallMs / 1000} s, though it may compute for ${cpuMs / 1000} s: it waits for something, or this ` +
    'machine is very busy; WORKBOOK_TIME_LIMIT (seconds for each check) gives it longer'
  );
}
