import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendRun, parseRuns, readRuns, runsPath } from '../../lib/workbook/runs.ts';
import { makeCalls, makeRun } from '../fixtures/run-record.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what is appended is read again, in order, one object a line', () => {
  const first = appendRun(root, makeRun());
  const second = appendRun(root, makeRun({ command: 'benchmark', subject: 'solution' }));
  expect(readRuns(root)).toEqual({ records: [first, second] });
  expect(readFileSync(runsPath(root), 'utf8').match(/\n/g)).toHaveLength(2);
});

test('there are no records before anything was checked', () => {
  expect(readRuns(root)).toEqual({ records: [] });
});

test('lines that are no record of this version are left out with a notice', () => {
  appendRun(root, makeRun());
  appendFileSync(runsPath(root), 'no JSON\n{"version":2}\nnull\n');
  const { records, notice } = readRuns(root);
  expect(records).toHaveLength(1);
  expect(notice).toMatch(/^3 lines of \.workbook\/runs\.jsonl could not be read/);
});

test('half a line, left by a process that was killed, does not swallow the next record', () => {
  appendRun(root, makeRun());
  appendFileSync(runsPath(root), '{"version":1,"id":"tor');
  const last = appendRun(root, makeRun());
  const { records, notice } = readRuns(root);
  expect(records.map(({ id }) => id)).toEqual([expect.any(String), last.id]);
  expect(notice).toMatch(/^1 line /);
});

test('the file keeps the newest records and stays below its bound', () => {
  const mostBytes = 20_000;
  const ids = Array.from({ length: 30 }, () => appendRun(root, makeRun(), { mostBytes }).id);
  expect(statSync(runsPath(root)).size).toBeLessThanOrEqual(mostBytes);
  const kept = readRuns(root).records.map(({ id }) => id);
  expect(readRuns(root).notice).toBeUndefined();
  expect(kept.length).toBeGreaterThan(2);
  expect(ids.slice(-kept.length)).toEqual(kept);
});

test('a record keeps a bounded number of calls, in whole milliseconds', () => {
  const calls = makeCalls(3000).map((call) => ({ ...call, endMs: call.endMs + 0.25 }));
  const { plays } = appendRun(root, makeRun({ plays: [{ virtualMs: 1, calls }] }));
  expect(plays[0]?.calls).toHaveLength(1000);
  expect(plays[0]?.calls[0]?.endMs).toBe(500);
});

test('processes that append at the same time lose nothing', async () => {
  const script = `require('tsx/cjs/api').register();
    const { appendRun } = require(${JSON.stringify(resolve('lib/workbook/runs.ts'))});
    const { makeRun } = require(${JSON.stringify(resolve('test/fixtures/run-record.ts'))});
    for (let at = 0; at < 20; at += 1) appendRun(${JSON.stringify(root)}, makeRun());`;
  const run = promisify(execFile);
  await Promise.all([1, 2].map(() => run(process.execPath, ['-e', script])));
  const { records, notice } = readRuns(root);
  expect(records).toHaveLength(40);
  expect(notice).toBeUndefined();
  expect(existsSync(join(root, '.workbook', 'runs.lock'))).toBe(false);
}, 30_000);

test('a record whose parts have other types is left out', () => {
  const record = { ...makeRun(), version: 1, id: 'x', at: 'now' };
  const strange = [
    { plays: {} },
    { plays: [null] },
    { plays: [{ calls: [null] }] },
    { metrics: [null] },
    { seed: '1' },
  ];
  const lines = [record, ...strange.map((part) => ({ ...record, ...part }))];
  expect(parseRuns(lines.map((line) => JSON.stringify(line)).join('\n')).records).toHaveLength(1);
});
