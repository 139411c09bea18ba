import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallSpan, Metric, PlayTrace } from '../check/session.ts';
import { MOST_CALLS, thinned } from '../check/trace.ts';
import { sum } from '../provider/stats.ts';
import { isFile, readText, stateDir, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';
import { keep } from './storage.ts';

/** What came of one subject that was checked, run or benchmarked: one line of `.workbook/runs.jsonl`. */
export interface RunRecord {
  version: 1;
  id: string;
  /** Wall-clock time at which it ended, in ISO 8601. */
  at: string;
  command: 'check' | 'run' | 'benchmark';
  /** Id and title of the lab. */
  lab: string;
  title: string;
  /** yours, before, solution, or a path. */
  subject: string;
  seed: number;
  /** `ended` and `error` are what a run comes to; it is not judged. */
  status: 'passed' | 'failed' | 'error' | 'ended';
  message: string | null;
  metrics: Metric[];
  /** Virtual time of all plays together; of a live run, real time. */
  virtualMs: number;
  plays: PlayTrace[];
  /** What the lab's checks recorded beside the figures; absent where they recorded nothing. */
  data?: Record<string, unknown>;
}

export interface ReadRuns {
  /** In the order in which they were written. */
  records: RunRecord[];
  /** Said when lines could not be read. */
  notice?: string;
}

/** Beyond this the older half of the file is dropped. */
export const MOST_BYTES = 8_000_000;

export function runsPath(root: string): string {
  return join(stateDir(root), 'runs.jsonl');
}

/** Adds a record at the end, in one write and under a lock, so that two processes lose nothing. */
export function appendRun(
  root: string,
  fields: Omit<RunRecord, 'version' | 'id' | 'at'>,
  { mostBytes = MOST_BYTES, at = new Date() } = {},
): RunRecord {
  const plays = withinBounds(fields.plays);
  const record: RunRecord = { version: 1, id: randomUUID(), at: at.toISOString(), ...fields, plays };
  const line = `${JSON.stringify(record)}\n`;
  const path = runsPath(root);
  const store = () => {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (before.length + line.length > mostBytes) {
      writeAtomically(path, newest(before, mostBytes / 2) + line);
    } else {
      // A process that was killed while it wrote may have left half a line.
      const torn = before !== '' && !before.endsWith('\n');
      appendFileSync(path, torn ? `\n${line}` : line);
    }
  };
  keep(path, () => withLock(join(stateDir(root), 'runs.lock'), 'The file of runs', store));
  return record;
}

export function readRuns(root: string): ReadRuns {
  const path = runsPath(root);
  if (!isFile(path)) return { records: [] };
  const text = readText(path);
  return text === undefined ? { records: [], notice: `${path} may not be read.` } : parseRuns(text);
}

/** Reads whole lines. One that is not a record of this version is left out and counted in the notice. */
export function parseRuns(text: string): ReadRuns {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records = lines.flatMap((line) => parseLine(line) ?? []);
  const skipped = lines.length - records.length;
  if (skipped === 0) return { records };
  const many = skipped === 1 ? '1 line' : `${skipped} lines`;
  return {
    records,
    notice: `${many} of .workbook/runs.jsonl could not be read as a record of version 1 and were left out.`,
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function parseLine(line: string): RunRecord | undefined {
  try {
    const data = JSON.parse(line) as Partial<RunRecord> | null;
    const texts = [data?.id, data?.at, data?.command, data?.lab, data?.title, data?.subject, data?.status];
    const whole =
      data?.version === 1 &&
      texts.every((each) => typeof each === 'string') &&
      typeof data.seed === 'number' &&
      typeof data.virtualMs === 'number' &&
      isListOfRecords(data.metrics) &&
      Array.isArray(data.plays) &&
      data.plays.every((play) => isListOfRecords(play?.calls));
    return whole ? (data as RunRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isListOfRecords(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}

function withinBounds(plays: readonly PlayTrace[]): PlayTrace[] {
  const of = Math.ceil(sum(plays.map(({ calls }) => calls.length)) / MOST_CALLS);
  return plays.map((play) => {
    const { calls, ...rest } = thinned(play, of);
    return { ...rest, calls: calls.map(rounded) };
  });
}

/** Whole milliseconds: finer differences cannot be drawn. */
function rounded(call: CallSpan): CallSpan {
  const { startMs, endMs, firstTokenMs } = call;
  return {
    ...call,
    startMs: Math.round(startMs),
    endMs: Math.round(endMs),
    ...(typeof firstTokenMs === 'number' && { firstTokenMs: Math.round(firstTokenMs) }),
  };
}

/** As many whole lines from the end as fit. */
function newest(text: string, most: number): string {
  if (text.length <= most) return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const tail = text.slice(-most);
  const kept = tail.slice(tail.indexOf('\n') + 1);
  return kept === '' || kept.endsWith('\n') ? kept : `${kept}\n`;
}
