import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plan } from '../../lib/cli/command-line.ts';
import { benchmark } from '../../lib/cli/commands/benchmark.ts';
import { dashboard } from '../../lib/cli/commands/dashboard.ts';
import type { Context } from '../../lib/cli/context.ts';
import { openCourse } from '../../lib/cli/course.ts';
import { listenToRun } from '../../lib/cli/run-record.ts';
import { benchmarkJson, benchmarkScreen } from '../../lib/report/benchmark-screen.ts';
import { createStyle } from '../../lib/report/style.ts';
import { readProgress } from '../../lib/workbook/progress.ts';
import { readRuns } from '../../lib/workbook/runs.ts';
import { allLabs } from '../../lib/workbook/workbook.ts';
import { makeCalls, makeMetric } from '../fixtures/run-record.ts';
import { makeVerdict } from '../fixtures/verdict.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

let fixture: FixtureWorkbook;
let stops: (() => void)[];
beforeEach(() => {
  fixture = makeWorkbook();
  stops = [];
});
afterEach(() => {
  for (const stop of stops) stop();
  fixture.remove();
});

/** A context whose streams are read afterwards. */
function makeContext(): { context: Context; out: () => string; err: () => string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { root } = fixture;
  const context: Context = {
    ...{ root, cwd: root, env: process.env, stdin: new PassThrough(), stdout, stderr },
    style: createStyle({ columns: 100 }, { NO_COLOR: '1' }),
    onStop: (action) => stops.push(action),
  };
  return { context, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

/** A lab on which `yours` takes as long as before, and the solution a third of it. */
function measured() {
  const verdict = (subject: string, virtualMs: number) =>
    makeVerdict({
      subject,
      metrics: [makeMetric({ yours: virtualMs })],
      plays: [{ virtualMs, calls: makeCalls(10), measured: true }],
    });
  const verdicts = [verdict('before', 30_000), verdict('yours', 30_000), verdict('solution', 10_000)];
  return { id: 'day1.1', title: 'Fan-out', verdicts };
}

test('strategies stand side by side, with bars for the figures by which they differ', () => {
  const screen = benchmarkScreen(measured(), createStyle({ columns: 100 }, { NO_COLOR: '1' }));
  expect(screen).toContain('day1.1 Fan-out');
  expect(screen).toMatch(/total time +30 s +30 s +10 s/);
  expect(screen).toMatch(/makespan +30 s +30 s +10 s/);
  expect(screen).toContain(`solution  ${'█'.repeat(10)} 10 s`);
  expect(screen).not.toMatch(/^ {2}cost$/m);
});

test('strategies that a lab compares itself get a row each, and bars for each subject', () => {
  const lab = measured();
  const values = { 'round robin': 4000, 'two random choices': 2000 };
  const [first, ...rest] = lab.verdicts;
  if (first) first.data = { compared: { title: 'p95 by balancer', unit: 'ms', values } };
  const screen = benchmarkScreen(
    { ...lab, verdicts: [first, ...rest].filter((it) => it !== undefined) },
    createStyle({ columns: 100 }, { NO_COLOR: '1' }),
  );
  expect(screen).toMatch(/p95 by balancer: round robin +4 s +- +-/);
  expect(screen).toContain('  p95 by balancer, before\n');
  expect(screen).toContain(`two random choices  ${'█'.repeat(15)} 2 s`);
});

test('of several plays the common figures are of the first, and it says so', () => {
  const lab = measured();
  const play = { virtualMs: 5, calls: makeCalls(1), measured: true };
  for (const verdict of lab.verdicts) verdict.plays.push(play);
  const screen = benchmarkScreen(lab, createStyle({ columns: 100 }, { NO_COLOR: '1' }));
  expect(screen).toContain('Total time to cost: of the first of 2 plays.');
});

test('for a screen reader there are no bars', () => {
  const plain = benchmarkScreen(measured(), createStyle({ columns: 100 }, { ACCESSIBLE: '1' }));
  expect(plain).toMatch(/total time +30 s/);
  expect(plain).not.toContain('█');
});

test('the same as data', () => {
  expect(benchmarkJson([measured()], 4)).toMatchObject({
    ...{ version: 1, seed: 4 },
    labs: [
      {
        id: 'day1.1',
        subjects: [
          {
            subject: 'before',
            status: 'passed',
            figures: { virtualMs: 30_000, calls: 10, costMicroUsd: 8000 },
          },
          { subject: 'yours' },
          { subject: 'solution', metrics: [{ name: 'makespan', value: 10_000, target: 3500 }] },
        ],
      },
    ],
  });
});

test('a benchmark measures each strategy, records it, and leaves the progress as it was', async () => {
  const { context, out } = makeContext();
  const course = openCourse(context);
  const code = await benchmark(context, course, allLabs(course.workbook).slice(0, 1), {
    json: true,
    seed: 1,
  });
  expect(code).toBe(0);
  const { labs } = JSON.parse(out()) as {
    labs: { id: string; subjects: { subject: string; status: string }[] }[];
  };
  expect(labs.map(({ id }) => id)).toEqual(['day1.1']);
  expect(labs[0]?.subjects.map(({ subject, status }) => [subject, status])).toEqual([
    ['before', 'failed'],
    ['yours', 'failed'],
    ['solution', 'passed'],
  ]);
  const records = readRuns(fixture.root).records;
  expect(records.map(({ command }) => command)).toEqual(Array(3).fill('benchmark'));
  expect(readProgress(fixture.root).progress.labs).toEqual({});
}, 60_000);

test('a benchmark of a strategy that there is none of says which there are', async () => {
  const { context, err } = makeContext();
  const course = openCourse(context);
  const choice = { json: false, seed: 1, subjects: ['before', 'fastest'] };
  expect(await benchmark(context, course, allLabs(course.workbook), choice)).toBe(2);
  expect(err()).toContain('compares before, yours, solution and files; "fastest" is none of them');
});

test('`dashboard --html` saves one file, also before anything was checked', async () => {
  const { context, out } = makeContext();
  expect(await dashboard(context, { port: 0, html: 'out/page.html' })).toBe(0);
  expect(out()).toContain('Saved 0 records');
  const page = readFileSync(join(fixture.root, 'out/page.html'), 'utf8');
  expect(page).not.toMatch(/(src|href)="https?:/);
}, 30_000);

test('a port that is taken is named, with the command for another', async () => {
  const first = makeContext();
  void dashboard(first.context, { port: 0 });
  let said = '';
  while (said === '') {
    await new Promise((next) => setImmediate(next));
    said = first.out();
  }
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
  const second = makeContext();
  expect(await dashboard(second.context, { port })).toBe(2);
  const problem = second.err();
  expect(problem).toContain(`Port ${port} is in use already`);
  expect(problem).toContain(`npm run lab -- dashboard --port ${port + 1}`);
}, 30_000);

test('the arguments of both are read', () => {
  expect(plan(['dashboard'], {})).toMatchObject({ flags: { port: 4020, html: undefined } });
  expect(plan(['dashboard', '--port', '70000'], {})).toMatchObject({ name: 'usage' });
  expect(plan(['benchmark', 'day1', 'day3.2', '--subject', 'before,solution', '--json'], {})).toEqual({
    ...{ name: 'command', command: 'benchmark', words: ['day1', 'day3.2'] },
    flags: { json: true, seed: 1, subject: 'before,solution' },
  });
});

test('a run is remembered by what the simulator measured, a live one by what was seen', () => {
  const listener = listenToRun();
  expect(listener.told()).toBeUndefined();
  listener.hear({ event: 'asked', id: 1, atMs: 0, prompt: 'Hello' });
  listener.hear({ event: 'text', id: 1, atMs: 300, text: 'He', whole: false });
  const usage = { input: 5, cached: 0, output: 2 };
  listener.hear({ event: 'ended', id: 1, atMs: 900, status: 200, how: 'complete', usage });
  listener.hear({ event: 'asked', id: 2, atMs: 900, prompt: 'Hello' });
  listener.hear({ event: 'ended', id: 2, atMs: 950, status: 429, how: 'failed' });
  listener.hear({ event: 'settled', atMs: 1000 });
  const seen = listener.told();
  expect(seen).toMatchObject({ status: 'ended', message: null, virtualMs: 1000 });
  expect(seen?.plays[0]?.calls).toMatchObject([
    { startMs: 0, endMs: 900, firstTokenMs: 300, outcome: 'answered', inputTokens: 5, outputTokens: 2 },
    { startMs: 900, endMs: 950, firstTokenMs: null, outcome: 'refused', status: 429 },
  ]);
  const play = { virtualMs: 7, calls: makeCalls(1) };
  listener.hear({ event: 'played', play });
  expect(listener.told()).toMatchObject({ virtualMs: 7, plays: [play] });
});

test('a run that was stopped or threw is remembered as such', () => {
  const listener = listenToRun();
  listener.hear({ event: 'asked', id: 1, atMs: 0, prompt: 'Hello' });
  expect(listener.told()).toMatchObject({ status: 'error', message: 'it was stopped' });
  listener.hear({ event: 'settled', atMs: 5, error: 'Error: no' });
  expect(listener.told()).toMatchObject({ status: 'error', message: 'your code threw Error: no' });
});
