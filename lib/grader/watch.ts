import type { Limits } from './limits.ts';
import { USAGE_EVERY_MS, usageOf } from './usage.ts';

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
 * wall only ends what waits for ever.
 */
export function watchUsage({ memoryMb }: Pick<Limits, 'memoryMb'>, end: (why: string) => void): Watch {
  let pid: number | undefined;
  let used = 0;
  let mark = 0;
  let limitMs = Number.POSITIVE_INFINITY;
  let alarm: NodeJS.Timeout | undefined;
  const look = setInterval(async () => {
    const usage = pid === undefined ? undefined : await usageOf(pid);
    if (!usage) return;
    used = usage.cpuMs;
    if (usage.memoryMb > memoryMb) end(`it used more than ${memoryMb} MB of memory`);
    else if (used - mark > limitMs) end(`no end within ${limitMs / 1000} s`);
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

/** How many times its CPU time a piece of code may take by the clock on the wall. */
const PATIENCE = 6;

function tooLong(cpuMs: number, wallMs: number): string {
  return (
    `no end within ${wallMs / 1000} s, though it may compute for ${cpuMs / 1000} s: it waits for something, or this ` +
    'machine is very busy; WORKBOOK_TIME_LIMIT (seconds for each check) gives it longer'
  );
}
