import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replay } from '../../days/day4-metrics/replay.ts';
import { run } from '../../lib/cli/commands/run.ts';
import type { Context } from '../../lib/cli/context.ts';
import { simulate } from '../../lib/provider/scenario.ts';
import { createStyle } from '../../lib/report/style.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import * as starter from '../../solutions/day4-metrics/5-load-test/before.ts';
import * as solution from '../../solutions/day4-metrics/5-load-test/load-test.ts';

/** A quiet minute, and then eighty requests at once, with sixty places for them. */
const TIMES = [
  ...Array.from({ length: 60 }, (_, i) => i * 1000),
  ...Array.from({ length: 80 }, () => 60_000),
];
const TRACE = TIMES.map((atMs) => ({ atMs, inputTokens: 2700, outputTokens: 100 }));

let folder: string;
beforeAll(() => {
  mkdirSync('.workbook', { recursive: true });
  folder = mkdtempSync(resolve('.workbook', 'replay-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runWith(text: string): Promise<{ code: number; out: string; err: string }> {
  const trace = join(folder, 'trace');
  writeFileSync(trace, text);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const root = resolve('.');
  const context: Context = {
    ...{ root, cwd: folder, env: process.env, stdin: new PassThrough(), stdout, stderr },
    style: createStyle({ columns: 100 }, { NO_COLOR: '1' }),
    onStop: () => {},
  };
  const lab = allLabs(readWorkbook(root)).find(({ id }) => id === 'day4.5') as Lab;
  const code = await run(context, lab, { seed: 1, live: false, yes: false, budgetUsd: 1, trace: 'trace' });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

test('day 4.5: on a recorded trace the solution reports what its users met, the starter does not', async () => {
  const ours = await simulate(replay(TRACE), solution, { seed: 1 });
  // Sixty of the eighty find a place for their 1.45 s, and twenty wait for one.
  expect(ours.outcome).toMatchObject({
    ok: true,
    value: { exact: { p50Ms: 1450, p99Ms: 2900, errorShare: 0 } },
  });
  if (ours.outcome.ok) expect(ours.outcome.value.said).toEqual(ours.outcome.value.exact);
  const naive = await simulate(replay(TRACE), starter, { seed: 1 });
  expect(naive.outcome).toMatchObject({ ok: true, value: { said: { p99Ms: 1450 } } });
});

test('day 4.5: `run --trace` reads an Azure trace from a file', async () => {
  const rows = TIMES.map(
    (atMs) =>
      `2023-11-16 18:${15 + Math.floor(atMs / 60_000)}:${String((atMs / 1000) % 60).padStart(2, '0')}.0000000,2700,100`,
  );
  const { code, out, err } = await runWith(['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\r\n'));
  expect(err).toBe('');
  expect(out).toContain('140 requests, the last after 1 min; 80 of them in the busiest second;');
  expect(out).toMatch(/p50 .+ s +1\.45 s/);
  expect(code).toBe(0);
}, 30_000);

test('day 4.5: `run --trace` reads a Mooncake trace from a file', async () => {
  const rows = TIMES.map((timestamp) =>
    JSON.stringify({ timestamp, input_length: 2700, output_length: 100, hash_ids: [1, 2] }),
  );
  const { out } = await runWith(rows.join('\n'));
  expect(out).toContain('on average 2,700 tokens in and 100 tokens out.');
}, 30_000);

test('day 4.5: a line of a trace that cannot be read is named', async () => {
  const { code, err } = await runWith('TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2\n');
  expect(code).toBe(2);
  expect(err).toContain(
    'day4.5 could not replay trace: TraceError: Trace, line 2: expected a time and two whole numbers',
  );
  expect((await runWith('')).err).toContain('the file holds no requests');
}, 30_000);
