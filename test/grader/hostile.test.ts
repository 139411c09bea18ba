import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import type { Verdict } from '../../lib/workbook/verdict.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectNothingLeft } from '../fixtures/processes.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
const CACHE = join(fixture.root, 'cache');
const runner = createRunner({ root: fixture.root, env: process.env, cacheDir: CACHE });
afterAll(() => {
  runner.close();
  fixture.remove();
});

/** Grades `add` with this body and these lines before it. */
function gradeBody(body: string, head = '', own = fixture, by = runner): Promise<Verdict> {
  const subject = own.write(
    'hostile/add.ts',
    `${head}\nexport async function add(a: number, b: number): Promise<number> {\n${body}\n}\n`,
  );
  const workbook = readWorkbook(own.root);
  const [lab] = allLabs(workbook) as [Lab];
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  return gradeLab(by, lab, { workbook, progress, subject, quick: true });
}

test.concurrent.each([
  [
    'an endless loop',
    'for (;;);',
    { checksMs: 1000 },
    'add.ts was stopped during the check "adds two numbers": no end within 1 s. It never waited for a timer or a call: look for a loop without an end',
  ],
  [
    'a promise that never settles while nothing is computed',
    'return new Promise(() => {});',
    { idleMs: 1500 },
    'no end, and nothing computed any more: it waits for something that never comes. Look for a promise that never settles.',
  ],
  [
    'a promise that never settles beside a loop of short steps',
    'setInterval(() => { for (const end = performance.now() + 20; performance.now() < end; ); }, 100); return new Promise(() => {});',
    { idleMs: 2000, checksMs: 1000 },
    'no end within 1 s',
  ],
  [
    'a flood past the console',
    "for (;;) try { writeSync(1, 'x'.repeat(65_536)); } catch {}",
    { outputBytes: 100_000 },
    'it printed more than 0.1 MB past the console',
  ],
  [
    'a huge allocation',
    'for (const kept: unknown[] = []; ; ) kept.push(Buffer.alloc(50_000_000, 1));',
    { memoryMb: 400 },
    'it used more than 400 MB of memory',
  ],
  [
    'an endless number of small objects',
    'for (const kept: unknown[] = []; ; ) kept.push({ a, b });',
    { heapMb: 100 },
    'it used more memory than a lab may',
  ],
])(
  '%s is stopped, the check is named, and nothing survives',
  async (_, body, limits, sentence) => {
    const own = makeWorkbook();
    const runner = createRunner({ root: own.root, env: process.env, cacheDir: CACHE, limits });
    const verdict = await gradeBody(body, "import { writeSync } from 'node:fs';", own, runner);
    runner.close();
    expect(verdict).toMatchObject({ status: 'error', message: expect.stringContaining(sentence) });
    expect(verdict.checks[0]).toMatchObject({ name: 'adds two numbers', status: 'error' });
    await expectNothingLeft(own);
    own.remove();
  },
  60_000,
);

test.each([
  ['a file that does not parse', 'return a +;', '', 'add.ts does not parse, line 3: Unexpected ";".'],
  ['process.exit', 'process.exit(0);', '', 'The code called process.exit(), which would end the grading'],
  [
    'an error while loading',
    'return a + b;',
    "throw new Error('too early');",
    'could not be loaded: Error: too early.',
  ],
  ['a missing package', 'return a + b;', "import 'no-such-package';", "Cannot find module 'no-such-package'"],
])('%s is an error in one sentence', async (_, body, head, sentence) => {
  expect(await gradeBody(body, head)).toMatchObject({
    status: 'error',
    message: expect.stringContaining(sentence),
  });
});

test.each([
  [
    'an unhandled rejection',
    "Promise.reject(new Error('lost')); return a + b;",
    'left an error that nobody handles: Error: lost.',
  ],
  [
    'a socket',
    "(await import('node:net')).connect(80, 'example.com'); return a + b;",
    'the real network (example.com:80)',
  ],
  [
    'another process',
    "(await import('node:child_process')).spawn('sleep', ['9']); return a + b;",
    'another process or thread (spawn sleep)',
  ],
])('%s fails with a sentence', async (_, body, sentence) => {
  expect(await gradeBody(body)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining(sentence),
  });
});

test('a flood of output is cut with a notice and costs no verdict', async () => {
  const verdict = await gradeBody(
    "for (let i = 0; i < 50_000; i += 1) console.log('line', i);\nreturn a + b;",
  );
  expect(verdict).toMatchObject({ status: 'passed' });
  expect(verdict.checks[0]?.output).toMatch(/^line 0\nline 1\n[\s\S]+\(the rest of the output was cut\)$/);
});

test('closing the runner ends its child', async () => {
  runner.close();
  await expectNothingLeft(fixture);
});
