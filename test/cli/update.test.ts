import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const DOUBLE = 'days/day1-basics/2-double/double.ts';
const HINTS = 'days/day1-basics/1-add/hints.md';
const WORK = 'export const add = async (a: number, b: number): Promise<number> => a + b; // mine\n';
const NEW_ADD =
  'export async function add(a: number, b: number): Promise<number> {\n  return a * b; // TODO\n}\n';
const NEW_DOUBLE = 'export const double = (n: number): number => n + 1; // TODO\n';
const hasGit = spawnSync('git', ['--version']).status === 0;

/** A teacher's clone and a learner's, both of one bare repository. */
let home: string;
let course: FixtureWorkbook;
let learner: string;

function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' });
}

function publish(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) course.write(path, text);
  git(course.root, 'add', '--all');
  git(course.root, 'commit', '--quiet', '--message', 'new course content');
  git(course.root, 'push', '--quiet', 'origin', 'main');
}

/** What a new edition of both labs brings. */
function publishNewStarters(more: Record<string, string> = {}): void {
  publish({
    ...{ [ADD]: NEW_ADD, 'solutions/day1-basics/1-add/before.ts': NEW_ADD },
    ...{ [DOUBLE]: NEW_DOUBLE, 'solutions/day1-basics/2-double/before.ts': NEW_DOUBLE },
    ...more,
  });
}

function read(path: string): string {
  return readFileSync(join(learner, path), 'utf8');
}

function write(path: string, text: string): void {
  writeFileSync(join(learner, path), text);
}

const update = () => program(learner, ['lab', 'update']);

beforeEach(() => {
  if (!hasGit) return;
  home = realpathSync(mkdtempSync(join(tmpdir(), 'update-')));
  course = makeWorkbook({ '.gitignore': '.workbook\n' });
  learner = join(home, 'learner');
  git(home, 'init', '--quiet', '--bare', 'course.git');
  git(course.root, 'init', '--quiet');
  git(course.root, 'remote', 'add', 'origin', join(home, 'course.git'));
  publish({});
  git(home, 'clone', '--quiet', 'course.git', 'learner');
});
afterEach(() => {
  if (!hasGit) return;
  course.remove();
  rmSync(home, { recursive: true, force: true });
});

test.skipIf(!hasGit)(
  'an untouched starter becomes the new one, a touched one stays with the new one beside it',
  async () => {
    write(ADD, WORK);
    publishNewStarters({ [HINTS]: '## Nudge\n\nAnother.\n' });
    const { code, out } = await update();
    expect(out).toContain('5 files of the course are new.');
    expect(out).toContain(`${DOUBLE} was untouched and is the new starter now.`);
    expect(out).toContain(`${ADD} has your work, so it stays. The new starter is beside it: `);
    expect(code).toBe(0);
    expect([read(ADD), read(ADD.replace('.ts', '.new.ts'))]).toEqual([WORK, NEW_ADD]);
    expect([read(DOUBLE), read(HINTS)]).toEqual([NEW_DOUBLE, '## Nudge\n\nAnother.\n']);
    expect(await update()).toMatchObject({
      code: 0,
      out: expect.stringContaining('The course is up to date.'),
    });
  },
);

test.skipIf(!hasGit)('of the labs that were begun, an update says what they newly ask', async () => {
  write(ADD, WORK);
  publish({
    'CHANGELOG.md': '# Changes\n\n## 2\n\n- day1.1: Sums of nothing are 0.\n- day1.2: Not begun.\n',
  });
  const { out } = await update();
  expect(out).toContain(
    'What your labs newly ask; a lab that you passed stays passed:\n- day1.1: Sums of nothing are 0.',
  );
  expect(out).not.toContain('day1.2: Not begun');
  publish({ 'CHANGELOG.md': `${read('CHANGELOG.md')}- day1.1: And of one, itself.\n` });
  const again = await update();
  expect(again.out).toContain('And of one, itself.');
  expect(again.out).not.toContain('Sums of nothing');
});

test('a folder with all files of the course is one to update from', async () => {
  const newer = makeWorkbook({ LICENSE: 'MIT\n', 'CHANGELOG.md': '- day1.1: Sums of nothing are 0.\n' });
  const mine = makeWorkbook({ 'days/day1-basics/1-add/add.ts': WORK });
  const { code, out } = await program(mine.root, ['lab', 'update', newer.root]);
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringContaining('- day1.1: Sums of nothing are 0.'),
  });
  expect(existsSync(join(mine.root, 'LICENSE'))).toBe(true);
  for (const each of [newer, mine]) each.remove();
});

test.skipIf(!hasGit)('work that the learner has committed is merged with, and stays as it was', async () => {
  write(ADD, WORK);
  git(learner, 'commit', '--quiet', '--all', '--message', 'my work');
  publishNewStarters();
  const { code, out, err } = await update();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`${ADD} has your work, so it stays.`);
  expect([read(ADD), read(DOUBLE)]).toEqual([WORK, NEW_DOUBLE]);
  expect(git(learner, 'log', '--format=%s')).toContain('my work');
});

test.skipIf(!hasGit)(
  'of other files that both have changed, the new one counts and the learner’s is kept in the backups',
  async () => {
    write(HINTS, 'my notes\n');
    write('days/day1-basics/notes.md', 'mine, and in nobody’s way\n');
    write('days/day1-basics/extra.md', 'mine, not committed\n');
    publishNewStarters({ [HINTS]: '## Nudge\n\nAnother.\n', 'days/day1-basics/extra.md': 'of the course\n' });
    const { code, out } = await update();
    expect(code).toBe(0);
    expect(out).toMatch(
      /You had changed .*hints\.md.*extra\.md, and so has the course\. Yours is kept in \.workbook\/backups/,
    );
    expect([read(HINTS), read('days/day1-basics/extra.md')]).toEqual([
      '## Nudge\n\nAnother.\n',
      'of the course\n',
    ]);
    expect(read('days/day1-basics/notes.md')).toBe('mine, and in nobody’s way\n');
    const [backup = ''] = readdirSync(join(learner, '.workbook/backups'));
    expect(read(join('.workbook/backups', backup, HINTS))).toBe('my notes\n');
    expect(read(join('.workbook/backups', backup, 'days/day1-basics/extra.md'))).toBe(
      'mine, not committed\n',
    );
  },
);

test.skipIf(!hasGit)(
  'a file that the learner deleted stays deleted unless it is a starter that has changed',
  async () => {
    rmSync(join(learner, HINTS));
    publishNewStarters();
    expect((await update()).code).toBe(0);
    expect(existsSync(join(learner, HINTS))).toBe(false);
  },
);

test.skipIf(!hasGit)('where git cannot fetch, nothing has changed and the reason is said', async () => {
  write(ADD, WORK);
  rmSync(join(home, 'course.git'), { recursive: true });
  const { code, err } = await update();
  expect(code).toBe(2);
  expect(err).toMatch(/^git could not fetch: /);
  expect(read(ADD)).toBe(WORK);
});

test('a folder that follows no branch is told to name a newer workbook', async () => {
  const alone = makeWorkbook();
  const { code, err } = await program(alone.root, ['lab', 'update'], {
    env: { GIT_CEILING_DIRECTORIES: tmpdir() },
  });
  expect(code).toBe(2);
  expect(err).toContain('This folder follows no git branch. Name a folder with a newer workbook');
  alone.remove();
});
