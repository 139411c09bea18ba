import type { Limits } from './limits.ts';
import { USAGE_EVERY_MS, type Usage, usageOf } from './usage.ts';

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
    else if (Number.isFinite(limitMs) && isIdle([usage, grader && (await usageOf(grader))])) end(IDLE);
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

/** Tells when nothing has used any CPU time for so long: on a busy machine, what has work to do uses some. */
function idleFor(ms: number): (usages: readonly (Usage | 0 | undefined)[]) => boolean {
  let before = -1;
  let since = 0;
  return (usages) => {
    const sum = usages.map((usage) => (usage ? usage.cpuMs : 0)).reduce((a, b) => a + b, 0);
    const now = performance.now();
    if (sum !== before || usages.some((usage) => usage && !usage.asleep)) since = now;
    before = sum;
    return now - since >= ms;
  };
}

/** How many times its CPU time a piece of code may take by the clock on the wall. */
const PATIENCE = 6;

function tooLong(cpuMs: number, wallMs: number): string {
  return (
    `no end within ${wallMs / 1000} s, though it may compute for ${cpuMs / 1000} s: it waits for something, or this ` +
    'machine is very busy; WORKBOOK_TIME_LIMIT (seconds for each check) gives it longer'
  );
}
