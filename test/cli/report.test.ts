import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plan } from '../../lib/cli/command-line.ts';
import { report } from '../../lib/cli/commands/report.ts';
import type { Context } from '../../lib/cli/context.ts';
import { openCourse } from '../../lib/cli/course.ts';
import { gradeAndRecord } from '../../lib/cli/grading.ts';
import { openRunner } from '../../lib/cli/runner.ts';
import { createStyle } from '../../lib/report/style.ts';
import { readProgress, updateProgress } from '../../lib/workbook/progress.ts';
import { unstored } from '../../lib/workbook/storage.ts';
import { allLabs, type Lab } from '../../lib/workbook/workbook.ts';
import { CAPSTONE_FILES } from '../fixtures/capstone.ts';
import { finishedProgress } from '../fixtures/week.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';

let fixture: FixtureWorkbook;
let stops: (() => void)[];
beforeEach(() => {
  fixture = makeWorkbook(CAPSTONE_FILES);
  stops = [];
});
afterEach(() => {
  for (const stop of stops) stop();
  fixture.remove();
});

const NOW = () => new Date('2026-03-02T08:00:00.000Z');

/** A context whose streams are read afterwards. */
function makeContext(): { context: Context; out: () => string; err: () => string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { root } = fixture;
  const context: Context = {
    ...{ root, cwd: root, env: process.env, stdin: new PassThrough(), stdout, stderr },
    style: createStyle({ columns: 80 }, { NO_COLOR: '1' }),
    onStop: (action) => stops.push(action),
  };
  return { context, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

function finish(): void {
  updateProgress(fixture.root, (progress) => Object.assign(progress, finishedProgress()));
}

function planned(line: string, env: NodeJS.ProcessEnv = {}) {
  return plan(line.split(' '), env);
}

test('pages have a usual name for those who give none', () => {
  const flags = (line: string) => planned(line) as { flags?: unknown };
  expect(flags('report').flags).toMatchObject({ json: false, html: undefined, certificate: undefined });
  expect(flags('report --html --json').flags).toMatchObject({ json: true, html: 'report.html' });
  expect(flags('report --html my.html').flags).toMatchObject({ html: 'my.html' });
  expect(flags('report --certificate --name Ada').flags).toMatchObject({
    ...{ certificate: 'certificate.html', name: 'Ada' },
  });
});

test('a bare flag that npm kept for itself is recovered; a torn value is answered with the command to type', () => {
  const npm = { npm_lifecycle_event: 'lab', npm_config_html: 'true' };
  expect(planned('report', npm)).toMatchObject({ flags: { html: 'report.html' } });
  expect(planned('report my.html', npm)).toMatchObject({
    ...{ name: 'usage', problem: expect.stringContaining('Type: npm run lab -- report --html my.html') },
  });
});

test('a name without a certificate is answered with the command to type', () => {
  expect(planned('report --name Ada')).toEqual({
    name: 'usage',
    problem: '--name stands on the certificate. Type: npm run lab -- report --certificate --name "Ada"',
  });
});

test('as JSON the report is one document on stdout, also before anything was done', async () => {
  const { context, out, err } = makeContext();
  expect(await report(context, openCourse(context), { json: true }, NOW)).toBe(0);
  expect(JSON.parse(out())).toMatchObject({
    ...{ version: 1, at: '2026-03-02T08:00:00.000Z', optimization_results: null },
    next: expect.stringContaining('npm run lab -- check day2.2'),
  });
  expect(err()).toBe('');
});

test('the questions are put into a file for the learner, and the answers shown', async () => {
  const first = makeContext();
  await report(first.context, openCourse(first.context), { json: false }, NOW);
  expect(first.out()).toContain('Write your answers in .workbook/reflection.md');
  const text = readFileSync(join(fixture.root, '.workbook', 'reflection.md'), 'utf8');
  fixture.write('.workbook/reflection.md', `${text}\n## Mine\n\nIt was fun.\n`);
  const second = makeContext();
  await report(second.context, openCourse(second.context), { json: false }, NOW);
  expect(second.out()).toContain('- Mine\n      It was fun.');
});

test('a place where no file can be made does not keep the report from being shown', async () => {
  fixture.write('.workbook', 'a file where the folder should be');
  const { context, out } = makeContext();
  const course = { ...openCourse(context), progress: finishedProgress() };
  expect(await report(context, course, { json: true }, NOW)).toBe(0);
  expect(unstored()).toEqual([expect.stringContaining('a file is where a folder should be')]);
  expect(JSON.parse(out())).toMatchObject({ optimization_results: { cost_reduction: '62.4%' } });
});

test('a certificate that was not earned is refused, and what is missing is named', async () => {
  const { context, err } = makeContext();
  const choice = { json: false, certificate: 'certificate.html' };
  expect(await report(context, openCourse(context), choice, NOW)).toBe(1);
  const said = err();
  expect(said).toContain('0 of the 3 labs that it asks for have passed. Missing:');
  expect(said).toContain('  day2.2  ContentFlow: a whole day');
  expect(existsSync(join(fixture.root, 'certificate.html'))).toBe(false);
});

test('a certificate that was earned is saved, and another file is never written over', async () => {
  finish();
  fixture.write('mine.html', 'not yours');
  const { context, err } = makeContext();
  const save = (certificate: string) =>
    report(context, openCourse(context), { json: false, certificate, person: 'Ada' }, NOW);
  expect(await save('certificate.html')).toBe(0);
  expect(readFileSync(join(fixture.root, 'certificate.html'), 'utf8')).toContain('issued 2026-03-02');
  expect(await save('mine.html')).toBe(2);
  expect(err()).toContain('mine.html exists and is no page of this workbook');
});

test('a passed check keeps the figures and the score, and tells the best so far', async () => {
  const { context } = makeContext();
  const course = openCourse(context);
  const lab = allLabs(course.workbook).at(-1) as Lab;
  const runner = openRunner(context);
  const check = async (score: number) => {
    fixture.write('days/day2-whole/2-contentflow/assistant.ts', `export const score = ${score};\n`);
    const choice = { subject: 'yours', seed: 1, quick: true };
    return (await gradeAndRecord(runner, course, lab, choice, fixture.root)).personalBest;
  };
  expect(await check(74)).toEqual({ score: 74, best: 74, reference: 80, limit: 100 });
  expect(await check(71)).toEqual({ score: 71, best: 74, reference: 80, limit: 100 });
  expect(await check(20)).toBeUndefined();
  const { scores, measured } = readProgress(fixture.root).progress.labs[lab.key] ?? {};
  expect(scores?.map(({ score }) => score)).toEqual([74, 71]);
  expect(measured).toMatchObject({ passed: true, seed: 1, data: { best: { score: 71 } } });
});
