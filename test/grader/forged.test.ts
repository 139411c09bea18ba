import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { titlesOf } from '../course/check-titles.ts';

/** Answers to lab 1.1 that ask one after the other, as the starter does, and reach for their judgement. */
const workbook = readWorkbook(resolve('.'));
const [lab] = allLabs(workbook) as [Lab];
const STARTER = readFileSync(resolve('solutions', lab.key, 'before.ts'), 'utf8');
const SOLUTION = resolve('solutions', lab.key, 'fan-out.ts').replaceAll('\\', '/');
const COURSE = lab.dir.replaceAll('\\', '/');

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'forged-')));
const runner = createRunner({ root: workbook.root, env: process.env });
afterAll(() => {
  runner.close();
  rmSync(folder, { recursive: true, force: true });
});

const HONEST = { status: 'failed', says: '1 of 6 checks failed' } as const;
const LOCKED = { status: 'error', says: 'The built-ins of the language are locked' } as const;
const spoke = { status: 'error', reason: 'tampered', says: 'spoke on the grader’s channel' } as const;
const reached = (what: string) =>
  ({ status: 'error', reason: 'tampered', says: `reached for the inside of Node (${what})` }) as const;
const imports = (what: string) => ({ status: 'error', reason: 'tampered', says: `imports ${what}` }) as const;

interface Ending {
  status: 'failed' | 'error';
  reason?: 'tampered';
  says: string;
}

const PASSED = `{ event: 'done', checks: [{ title: 'takes no longer than the slowest call', state: 'passed' }] }`;

const FORGED: Record<string, [head: string, ending: Ending]> = {
  'a broadcast in the name of the judge': [
    `const c = new BroadcastChannel('workbook-grader'); (c as any).unref(); c.postMessage(${PASSED});`,
    HONEST,
  ],
  'a message to the parent process': [`process.send?.(${PASSED});`, spoke],
  'a line on the pipe to the grader': [
    `import { writeSync } from 'node:fs'; writeSync(4, '{"id":1,"ok":true,"value":[]}\\n');`,
    spoke,
  ],
  'the judge’s first word, which says what checks there are': [
    `process.send?.({ event: 'started', title: 'mine', ended: [], declared: ['mine'] }); (globalThis as any).check?.('mine', () => {});`,
    spoke,
  ],
  'checks of its own': [
    `export const declared = ['mine']; const g = globalThis as any; g.test?.('mine', () => {}); g.it?.('mine', () => {});`,
    HONEST,
  ],
  'a closed channel': ['process.disconnect?.();', spoke],
  'a request in the grader’s name': [
    `process.emit('message' as any, { do: 'play', id: 9, number: 0 } as any);`,
    HONEST,
  ],
  'what JSON asks of every object': ['(Object.prototype as any).toJSON = () => ({ settledMs: 1 });', LOCKED],
  'what JSON asks of every list': ['(Array.prototype as any).toJSON = () => [];', LOCKED],
  'another JSON.stringify': [`JSON.stringify = (() => '{}') as any;`, LOCKED],
  'another JSON': ['(globalThis as any).JSON = { stringify: () => 1 };', LOCKED],
  'another Map': ['(globalThis as any).Map = class {};', LOCKED],
  'a then on every object': [
    `Object.defineProperty(Object.prototype, 'then', { get() { return 1; } });`,
    LOCKED,
  ],
  'the constructor of every promise': [
    `Object.defineProperty(Promise.prototype, 'constructor', { get() { return Promise; } });`,
    LOCKED,
  ],
  'a class field on a prototype': [
    'class A { constructor() { return Array.prototype as any; } } class B extends A { push = () => 0; } new B();',
    LOCKED,
  ],
  'a definition that does not throw': [
    `Reflect.defineProperty(Array.prototype, 'push', { value: () => 0 }); Reflect.set(Math, 'max', () => 1e12);`,
    HONEST,
  ],
  'a prototype behind a prototype': [`Reflect.setPrototypeOf(Array.prototype, { settledMs: 1 });`, HONEST],
  'another writeSync in all modules': [
    `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module'; fs.writeSync = (() => 0) as any; syncBuiltinESMExports();`,
    HONEST,
  ],
  'the clock behind the timers': [
    `const jump = () => (setTimeout as any).clock?.tick?.(-50_000); setImmediate(jump);`,
    HONEST,
  ],
  'the clock behind the date': [
    'setImmediate(() => { try { (Date as any).clock.now = 0; } catch {} });',
    HONEST,
  ],
  'the inspector': [
    `import { Session } from 'node:inspector'; new Session().connect();`,
    reached('the inspector'),
  ],
  'the inspector with promises': [
    `import { Session } from 'node:inspector/promises'; new Session().connect();`,
    reached('the inspector'),
  ],
  'a picture of the memory': [
    `import v8 from 'node:v8'; v8.getHeapSnapshot();`,
    reached('v8.getHeapSnapshot'),
  ],
  'the natives of V8': [
    `import v8 from 'node:v8'; v8.setFlagsFromString('--allow-natives-syntax');`,
    reached('v8.setFlagsFromString --allow-natives-syntax'),
  ],
  'hooks on every promise': [
    `import { createHook } from 'node:async_hooks'; createHook({ init() {} }).enable();`,
    reached('async_hooks.createHook'),
  ],
  'the bindings of Node': [`(process as any).binding('fs');`, reached('process.binding')],
  'the permits of a check': [
    `(globalThis as any)[Symbol.for('workbook.permits')]?.set('loopback', 1);`,
    HONEST,
  ],
  'the judge’s globals': [
    `const g = globalThis as any; for (const name of ['workbookElsewhere', 'workbookThread', '__vitest_worker__']) if (g[name]) throw new Error('found');`,
    HONEST,
  ],
  'the scenario': [
    `import { scenario } from '${COURSE}/scenario.ts'; (scenario as any).play = () => []; (scenario as any).readings = () => ({});`,
    HONEST,
  ],
  'what the labs of a day share': [
    `import { provider } from '${COURSE}/../provider.ts'; for (const each of Object.values((provider as any).deployments) as any[]) each.model = 'gpt-4.1-nano';`,
    HONEST,
  ],
  'the machinery': [
    `import * as lib from '#lib/provider'; for (const each of Object.values(lib)) if (typeof each === 'object' && each) for (const key of Object.keys(each)) try { (each as any)[key] = 0; } catch {}`,
    HONEST,
  ],
  'the words of checks': [`import { check } from '#lib/check'; void check;`, imports('the checks')],
  'the check file': [`import '${COURSE}/check.test.ts';`, imports('the checks')],
  'the solution': [`import { fanOut as theirs } from '${SOLUTION}'; void theirs;`, imports('the solution')],
  'the solution, by a name that is put together': [
    `await import('${SOLUTION.slice(0, -5)}' + 'ut.ts');`,
    imports('the solution'),
  ],
};

test.each(Object.entries(FORGED))(
  '%s gives no better verdict',
  async (_, [head, { status, reason, says }]) => {
    const subject = join(folder, 'fan-out.ts');
    writeFileSync(subject, `${head}\n${STARTER}`);
    const progress = { version: 1 as const, labs: {}, quizzes: {} };
    const verdict = await gradeLab(runner, lab, { workbook, progress, subject, quick: true });
    expect(verdict).toMatchObject({ status, message: expect.stringContaining(says) });
    expect(verdict.reason).toBe(reason);
    expect(verdict.workbookFault).toBeUndefined();
    // They are the judge's, and it names them before anything of the answer is called.
    const names = verdict.checks.map((check) => check.name);
    expect(names).toEqual((await titlesOf(lab)).slice(0, names.length));
    if (status === 'failed') expect(names).toEqual(await titlesOf(lab));
  },
  180_000,
);
