import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type GradedWorkbook, gradeOthers } from '../../lib/grader/grade-others.ts';
import { bubblewrapWorks, type Isolation, LEVELS } from '../../lib/grader/isolation.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const CHECK = 'days/day1-basics/1-add/check.test.ts';
const RIGHT = 'export const add = async (a: number, b: number) => a + b;\n';
const levels = LEVELS.filter((level) => level !== 'bubblewrap' || bubblewrapWorks());

const home = realpathSync(mkdtempSync(join(tmpdir(), 'isolation-')));
const secret = join(home, 'secret.txt');
writeFileSync(secret, 'of the teacher');
let connections = 0;
const server = createServer((socket) => {
  connections += 1;
  socket.end('hello');
}).listen(0, '127.0.0.1');
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

/** Tries something and gives the right sum only where it works. */
const trying = (what: string) =>
  `import fs from 'node:fs';\nimport net from 'node:net';\nimport cp from 'node:child_process';\n` +
  `export async function add(a: number, b: number) {\n  try { ${what} } catch { return 0; }\n  return a + b;\n}\nvoid [fs, net, cp];\n`;

async function gradeAll(isolation: Isolation, answers: Record<string, string>) {
  const course = makeWorkbook();
  const ada = makeWorkbook({ [ADD]: RIGHT });
  const others = Object.entries(answers).map(([, text]) =>
    makeWorkbook({ [ADD]: text.replaceAll('@COURSE@', course.root).replaceAll('@ADA@', ada.root) }),
  );
  const rows: GradedWorkbook[] = [];
  const workbook = readWorkbook(course.root);
  // One after the other: ada comes last, when all others have done what they could.
  await gradeOthers(
    [...others, ada].map(({ root }) => root),
    {
      ...{ workbook, labs: allLabs(workbook).slice(0, 1), seed: 1, env: process.env, cwd: course.root },
      ...{ isolation, parallel: 1, onRow: (row) => rows.push(row), onStop: () => {} },
    },
  );
  const read = (root: string, path: string) => readFileSync(join(root, path), 'utf8');
  const found = {
    verdicts: Object.fromEntries(
      [...Object.keys(answers), 'ada'].map((name, i) => [name, rows[i]?.labs[0]?.verdict.status]),
    ),
    said: rows.map(({ labs }) => labs[0]?.verdict.message ?? ''),
    check: read(course.root, CHECK),
    ada: read(ada.root, ADD),
  };
  for (const each of [course, ada, ...others]) each.remove();
  return found;
}

const pristine = makeWorkbook();
const CHECK_TEXT = readFileSync(join(pristine.root, CHECK), 'utf8');
pristine.remove();

test.each(levels)(
  '%s: the checks and the work of others stay as they were, and everybody gets their own verdict',
  async (level) => {
    const { verdicts, check, ada, said } = await gradeAll(level, {
      'writes over the checks': trying(`fs.writeFileSync('@COURSE@/${CHECK}', "import 'none';");`),
      'writes over somebody’s work': trying(`fs.writeFileSync('@ADA@/${ADD}', 'process.exit(1)');`),
      'starts a process': trying(`cp.spawnSync('touch', ['${home}/started']);`),
    });
    expect({ check, ada }).toEqual({ check: CHECK_TEXT, ada: RIGHT });
    const written = level === 'copies' ? 'error' : 'failed';
    expect(verdicts).toEqual({
      'writes over the checks': written,
      'writes over somebody’s work': written,
      'starts a process': 'failed',
      ada: 'passed',
    });
    if (level === 'copies') expect(said[0]).toContain(`changed the checks (${CHECK}, put back)`);
  },
  120_000,
);

test.each(levels.filter((level) => level !== 'copies'))(
  '%s: files of the machine and of others are not read',
  async (level) => {
    const { verdicts } = await gradeAll(level, {
      'the teacher’s file': trying(`fs.readFileSync('${secret}');`),
      'the work of somebody': trying(`fs.readFileSync('@ADA@/${ADD}');`),
      'the solution': trying(`fs.readFileSync('@COURSE@/solutions/day1-basics/1-add/add.ts');`),
    });
    expect(verdicts).toEqual({
      'the teacher’s file': 'failed',
      'the work of somebody': 'failed',
      'the solution': 'failed',
      ada: 'passed',
    });
  },
  120_000,
);

test.runIf(process.platform === 'linux').each(levels)(
  '%s: files that show a process are not opened, by whatever name',
  async (level) => {
    const { verdicts, said } = await gradeAll(level, {
      'its own memory': trying(`fs.openSync('/proc/self/mem', 'r+');`),
      'its own memory behind a link': trying(
        `fs.symlinkSync('/proc/self', process.env.TMPDIR + '/me'); fs.writeFileSync(process.env.TMPDIR + '/me/mem', '');`,
      ),
      'its own memory with promises': trying(
        `await fs.promises.open(new URL('file:///proc/self/mem'), 'r+');`,
      ),
      'the environment of its parent': trying(`fs.readFileSync('/proc/' + process.ppid + '/environ');`),
    });
    expect(verdicts).toMatchObject({
      'its own memory': 'error',
      'its own memory with promises': 'error',
      'the environment of its parent': 'error',
      ada: 'passed',
    });
    expect(verdicts['its own memory behind a link']).not.toBe('passed');
    expect(said[0]).toContain('reached for the memory or the environment of a process');
  },
  120_000,
);

test.each(levels)(
  '%s: no socket is opened and none listens, below the module for sockets too',
  async (level) => {
    const { port } = server.address() as AddressInfo;
    const { verdicts, said } = await gradeAll(level, {
      connects: trying(`net.connect(${port}, '127.0.0.1');`),
      fetches: trying(`await fetch('http://127.0.0.1:${port}/');`),
      listens: trying(`net.createServer().listen(0);`),
      'listens below': trying(`(net as any)._createServerHandle('127.0.0.1', 0, 4);`),
      'makes a handle': trying(`new ((process as any).binding('tcp_wrap').TCP)(0);`),
    });
    expect(verdicts).toEqual({
      ...{ connects: 'failed', fetches: 'failed', listens: 'failed', 'listens below': 'failed' },
      ...{ 'makes a handle': 'error', ada: 'passed' },
    });
    expect(said[0]).toContain(`The code asked for the real network (127.0.0.1:${port})`);
    expect(connections).toBe(0);
  },
  120_000,
);

test('what an answer hands in as a link is not followed', async () => {
  const course = makeWorkbook();
  const eve = makeWorkbook();
  rmSync(join(eve.root, ADD));
  const { symlinkSync } = await import('node:fs');
  symlinkSync(secret, join(eve.root, ADD));
  const rows: GradedWorkbook[] = [];
  const workbook = readWorkbook(course.root);
  await gradeOthers([eve.root], {
    ...{ workbook, labs: allLabs(workbook).slice(0, 1), seed: 1, env: process.env, cwd: course.root },
    ...{ isolation: 'copies', onRow: (row) => rows.push(row), onStop: () => {} },
  });
  expect(rows[0]?.labs[0]?.verdict).toMatchObject({
    status: 'error',
    message: `There is no verdict: ${ADD} is a symbolic link; a file is handed in itself.`,
  });
  for (const each of [course, eve]) each.remove();
}, 60_000);
