import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readProgress } from '../../lib/workbook/progress.ts';
import { expectNothingLeft } from '../fixtures/processes.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const DOUBLE = 'days/day1-basics/2-double/double.ts';
const SOLVED = 'export const double = (n: number): number => n * 2;\n';
/** For code that only a limit can end. */
const SHORT = { WORKBOOK_TIME_LIMIT: '2', WORKBOOK_MEMORY_LIMIT: '500' };

interface Case {
  /** The body of `add`, and lines before it. */
  body?: string;
  head?: string;
  limits?: NodeJS.ProcessEnv;
  /** Done to the workbook instead of, or after, writing the file. */
  spoil?: (fixture: FixtureWorkbook) => void;
  exitCode: 0 | 1 | 2;
  status: 'passed' | 'failed' | 'error';
  /** A part of what the lab, or its only bad check, says. */
  says: string | RegExp;
}

const CASES: Record<string, Case> = {
  'a syntax error': {
    ...{ body: 'return a +;', exitCode: 1, status: 'error' },
    says: 'add.ts does not parse, line 3: Unexpected ";". The line is: return a +;',
  },
  'a missing export': {
    ...{ spoil: ({ write }) => write(ADD, 'export const plus = 1;\n'), exitCode: 1, status: 'error' },
    says: 'add.ts does not export `add`, which the checks call. It exports `plus`.',
  },
  'a type error in code that works': {
    ...{ body: "const n: number = 'text';\nreturn a + b || n;", exitCode: 0, status: 'passed' },
    says: /Type error in days\/day1-basics\/1-add\/add\.ts:3: Type 'string' is not assignable to type 'number'/,
  },
  'an endless loop': {
    ...{ body: 'for (;;);', limits: SHORT, exitCode: 1, status: 'error' },
    says: 'add.ts was stopped during the check "adds two numbers": no end within 2 s. It never waited for a timer or a call: look for a loop without an end',
  },
  'an endless loop before the first check': {
    ...{ head: 'for (const end = Date.now() + 120_000; Date.now() < end; );', body: 'return a + b;' },
    ...{
      exitCode: 1,
      status: 'error',
      says: 'add.ts was stopped before its first check: no end within 10 s.',
    },
  },
  'a promise that never settles': {
    ...{ body: 'return new Promise(() => {});', limits: SHORT, exitCode: 1, status: 'error' },
    says: 'no end, and nothing computed any more: it waits for something that never comes.',
  },
  'process.exit': {
    ...{ body: 'process.exit(0);', exitCode: 1, status: 'error' },
    says: 'The code called process.exit(), which would end the grading before there is a verdict.',
  },
  'an unhandled rejection': {
    ...{ body: "Promise.reject(new Error('lost')); return a + b;", exitCode: 1, status: 'failed' },
    says: 'add.ts left an error that nobody handles: Error: lost. Await every promise, or catch it.',
  },
  'a flood of console output from code that works': {
    ...{ body: "for (let i = 0; i < 50_000; i += 1) console.log('line', i);\nreturn a + b;" },
    ...{ exitCode: 0, status: 'passed', says: '' },
  },
  'a flood past the console': {
    ...{ head: "import { writeSync } from 'node:fs';", exitCode: 1, status: 'error' },
    body: "for (;;) try { writeSync(1, 'x'.repeat(65_536)); } catch {}",
    says: 'it printed more than 1 MB past the console',
  },
  'a huge allocation': {
    ...{
      body: 'for (const kept: unknown[] = []; ; ) kept.push(Buffer.alloc(50_000_000, 1));',
      // Some machines take two seconds to fill 500 MB.
      limits: { ...SHORT, WORKBOOK_TIME_LIMIT: '20' },
    },
    ...{ exitCode: 1, status: 'error', says: 'it used more than 500 MB of memory' },
  },
  'a request to the real network': {
    ...{ body: "await fetch('https://example.com/'); return a + b;", exitCode: 1, status: 'failed' },
    says: 'The code asked for the real network (',
  },
  'a deleted file': {
    ...{ spoil: ({ root }) => rmSync(join(root, ADD)), exitCode: 1, status: 'error' },
    says: 'add.ts is missing. This brings the starter back: npm run lab -- reset day1.1',
  },
  'zero checks': {
    spoil: ({ write }) => write('days/day1-basics/1-add/check.test.ts', '// none\n'),
    ...{ exitCode: 2, status: 'error', says: 'The lab has no checks, so nothing was graded.' },
  },
};

test.each(Object.entries(CASES))(
  '%s: one sentence, the exit code, the other lab is graded, and nothing survives',
  async (_, { body = 'return a + b;', head = '', limits, spoil, exitCode, status, says }) => {
    const fixture = makeWorkbook({
      'tsconfig.json': JSON.stringify({ extends: resolve('tsconfig.json') }),
      [ADD]: `${head}\nexport async function add(a: number, b: number): Promise<number> {\n${body}\n}\n`,
      [DOUBLE]: SOLVED,
    });
    spoil?.(fixture);
    const { code, out, err } = await program(fixture.root, ['lab', 'check', 'day1', '--json'], {
      env: limits,
    });
    const [add, double] = JSON.parse(out).labs;
    expect({ code, err, status: add.status }).toEqual({ code: exitCode, err: '', status });
    expect([add.message, ...add.notes].join(' ')).toMatch(says);
    expect({ status: double.status, message: double.message }).toEqual({ status: 'passed', message: null });
    const standing = readProgress(fixture.root).progress.labs['day1-basics/1-add']?.status;
    expect(standing).toBe({ 0: 'passed', 1: 'failing', 2: undefined }[exitCode]);
    await expectNothingLeft(fixture);
    fixture.remove();
  },
  180_000,
);
