import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner, type Runner } from '../../lib/grader/runner.ts';
import { readProgress } from '../../lib/workbook/progress.ts';
import type { Verdict } from '../../lib/workbook/verdict.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
const workbook = readWorkbook(fixture.root);
const [lab] = allLabs(workbook) as [Lab];
let runner: Runner;

beforeAll(() => {
  runner = createRunner({ root: fixture.root, env: process.env });
});
afterAll(() => {
  runner.close();
  fixture.remove();
});

function grade(subject: string): Promise<Verdict> {
  return gradeLab(runner, lab, { workbook, progress: readProgress(fixture.root).progress, subject });
}

/** Command lines of running processes that belong to the workbook. */
function processesOf(root: string): string[] {
  if (process.platform === 'win32') return [];
  const running = execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' });
  return running.split('\n').filter((line) => line.includes(root) && !line.startsWith('Z'));
}

/** Grades `add` with this body, as a file given by hand. */
function gradeBody(body: string, head = ''): Promise<Verdict> {
  const text = `${head}\nexport async function add(a: number, b: number): Promise<number> {\n${body}\n}\n`;
  return grade(fixture.write('hostile/add.ts', text));
}

test('the starter fails at the check that names the mistake; what depends on it is skipped', async () => {
  const verdict = await grade('yours');
  expect(verdict).toMatchObject({ status: 'failed', message: '1 of 2 checks failed.' });
  expect(verdict.checks).toMatchObject([
    { name: 'adds two numbers', status: 'fail', expected: '5', actual: '-1', help: 'Look at the operator.' },
    { name: 'adds negative numbers', status: 'skipped' },
  ]);
});

test('the solution passes, and a subject graded just before changes nothing for the next', async () => {
  expect(await grade('solution')).toMatchObject({ status: 'passed', message: null });
  expect(await grade('before')).toMatchObject({ status: 'failed' });
  expect(await grade('solution')).toMatchObject({ status: 'passed' });
});

test('a lab graded before leaves nothing in the verdict of the next', async () => {
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const { progress } = readProgress(fixture.root);
  const verdict = await gradeLab(runner, double, { workbook, progress, subject: 'solution' });
  expect(verdict.checks.map((check) => check.name)).toEqual(['doubles a number']);
});

test('an endless loop and a promise that never settles are stopped, the running check is named, nothing survives', async () => {
  const loop = fixture.write('hostile/loop.ts', 'export const add = async () => { for (;;) {} };\n');
  const never = fixture.write('hostile/never.ts', 'export const add = () => new Promise(() => {});\n');
  const { progress } = readProgress(fixture.root);
  const verdicts = await Promise.all(
    [loop, never].map((subject) => {
      const own = createRunner({ root: fixture.root, env: process.env, limits: { checksMs: 3000 } });
      return gradeLab(own, lab, { workbook, progress, subject });
    }),
  );
  for (const [at, name] of ['loop.ts', 'never.ts'].entries()) {
    expect(verdicts[at]).toMatchObject({
      status: 'error',
      message:
        `${name} was stopped during the check "adds two numbers": no end within 3 s. ` +
        'Look for a loop that never ends, or a promise that never settles.',
      checks: [{ name: 'adds two numbers', status: 'error' }],
    });
  }
  // The runner of the other tests is warm; these two have taken everything with them.
  runner.close();
  expect(processesOf(fixture.root)).toEqual([]);
  expect(await grade('solution')).toMatchObject({ status: 'passed' });
}, 60_000);

test('a deleted file is an error that says how to get it back', async () => {
  const path = fixture.write('days/day1-basics/1-add/add.ts', '');
  const text = readFileSync(join(lab.solutionDir, 'before.ts'), 'utf8');
  rmSync(path);
  expect(await grade('yours')).toMatchObject({
    status: 'error',
    message: expect.stringContaining('add.ts is missing'),
  });
  writeFileSync(path, text);
});

test('a lab without checks is an error, never a pass', async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', '// no checks\n');
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const { progress } = readProgress(fixture.root);
  expect(await gradeLab(runner, double, { workbook, progress, subject: 'solution' })).toMatchObject({
    status: 'error',
    message: 'The lab has no checks, so nothing was graded.',
  });
});

test("a fault in the check file is the grader's, not the learner's", async () => {
  fixture.write('days/day1-basics/2-double/check.test.ts', "import './gone.ts';\n");
  const [, double] = allLabs(workbook) as [Lab, Lab];
  const { progress } = readProgress(fixture.root);
  expect(await gradeLab(runner, double, { workbook, progress, subject: 'solution' })).toMatchObject({
    status: 'error',
    message: expect.stringContaining("this is not your code's fault"),
  });
});

test('output past the console is stopped at its limit', async () => {
  const head = "import { writeSync } from 'node:fs';";
  const body = "for (;;) try { writeSync(1, 'x'.repeat(65_536)); } catch {}";
  expect(await gradeBody(body, head)).toMatchObject({
    status: 'error',
    message: expect.stringContaining('it printed more than 1 MB past the console'),
  });
}, 30_000);

test('a type error is a note with file and line and fails nothing', async () => {
  const verdict = await gradeBody("const wrong: number = 'text';\nreturn a + b;");
  expect(verdict.status).toBe('passed');
  expect(verdict.notes).toEqual([
    expect.stringMatching(/^Type error in hostile\/add\.ts:3: Type 'string' is not/),
  ]);
});

test('keys and proxies of the shell do not reach graded code', async () => {
  const env = { ...process.env, OPENAI_API_KEY: 'sk-secret', HTTPS_PROXY: 'http://proxy', NODE_OPTIONS: '' };
  const own = createRunner({ root: fixture.root, env });
  const path = fixture.write(
    'hostile/env.ts',
    'export const add = async () => { throw new Error(Object.keys(process.env).sort().join()); };\n',
  );
  const { progress } = readProgress(fixture.root);
  const verdict = await gradeLab(own, lab, { workbook, progress, subject: path });
  own.close();
  expect(verdict.checks[0]?.message).toMatch(/PATH/);
  expect(verdict.checks[0]?.message).not.toMatch(/OPENAI|PROXY|NODE_OPTIONS/i);
});

test.each([
  ['a file that does not parse', 'return a +;', '', 'add.ts does not parse, line 3: Unexpected ";".'],
  ['process.exit', 'process.exit(0);', '', 'The code called process.exit(), which would end the grading'],
  [
    'an error while loading',
    'return a + b;',
    "throw new Error('too early');",
    'could not be loaded: Error: too early.',
  ],
  [
    'a missing package',
    'return a + b;',
    "import 'no-such-package';",
    "Cannot find package 'no-such-package'",
  ],
])('%s is an error in one sentence', async (_, body, head, sentence) => {
  expect(await gradeBody(body, head)).toMatchObject({
    status: 'error',
    message: expect.stringContaining(sentence),
  });
});

test('a missing export is an error that names it', async () => {
  const path = fixture.write('hostile/plus.ts', 'export const plus = 1;\n');
  expect(await grade(path)).toMatchObject({
    status: 'error',
    message: expect.stringContaining(
      'plus.ts does not export `add`, which the checks call. It exports `plus`.',
    ),
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

test('a huge allocation is stopped', async () => {
  const verdict = await gradeBody(
    'const kept: unknown[] = [];\nfor (;;) kept.push(Buffer.alloc(50_000_000, 1));',
  );
  expect(verdict).toMatchObject({ status: 'error', message: expect.stringContaining('MB of memory') });
}, 30_000);
