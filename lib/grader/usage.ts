import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started have used so far. */
export interface ProcessUsage {
  cpuMs: number;
  memoryMb: number;
  /** True while the process itself waits to be woken. What waits for a disk or a core does not. */
  asleep: boolean;
}

/** How often it is asked for: `ps` is a process of its own. */
export const USAGE_EVERY_MS = process.platform === 'linux' ? 50 : 500;

/** Undefined where the system does not say, or the process is gone. */
export function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  if (process.platform === 'linux') return Promise.resolve(fromProc(pid));
  return process.platform === 'win32' ? Promise.resolve(undefined) : fromPs(pid);
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Linux counts in hundredths of a second and pages of 4 kB, whatever its kernel's own are. */
const TICK_MS = 10;
const PAGE_MB = 4096 / 2 ** 20;

function fromProc(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold anything.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, pages = 0] = [10, 11, 20].map((at) => Number(fields[at]));
    const inner = childrenOf(pid).flatMap((child) => fromProc(child) ?? []);
    const sum = (own: number, of: (each: ProcessUsage) => number) =>
      inner.reduce((all, each) => all + of(each), own);
    return {
      cpuMs: sum((user + system) * TICK_MS, (each) => each.cpuMs),
      memoryMb: sum(pages * PAGE_MB, (each) => each.memoryMb),
      asleep: state === 'S',
    };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

function fromPs(pid: number): Promise<ProcessUsage | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'time=,rss=,state=', '-p', String(pid)], (error, out) => {
      const [, time, kilobytes, state] = /^\s*([\d:.-]+)\s+(\d+)\s+(\w)/.exec(error ? '' : out) ?? [];
      if (time === undefined) return resolve(undefined);
      const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
      resolve({
        cpuMs: seconds * 1000,
        memoryMb: Number(kilobytes) / 1024,
        asleep: state === 'S' || state === 'I',
      });
    });
  });
}
