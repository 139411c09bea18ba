import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readProgress } from '../../lib/workbook/progress.ts';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';
import { expectSaneTerminal, hasTmux, openTerminal, type Terminal } from './terminal.ts';

const ADD = 'days/day1-basics/1-add/add.ts';
const WORK = 'export const add = async (a: number, b: number): Promise<number> => a + b; // mine\n';
const START = resolve('lib/cli/start.cjs');

/** A workbook and a terminal of its own for each test: they run side by side, and wait for the screen most of the time. */
interface Desk {
  fixture: FixtureWorkbook;
  open(env?: Record<string, string>): Terminal;
}

const SIDE_BY_SIDE = { concurrent: true, timeout: 90_000 };
const session = test.extend<{ desk: Desk }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what the fixture needs.
  desk: async ({}, use) => {
    const fixture = makeWorkbook();
    let terminal: Terminal | undefined;
    const open = (env = {}) => {
      terminal = openTerminal({ WORKBOOK_ROOT: fixture.root, EDITOR: '', VISUAL: '', ...env });
      return terminal;
    };
    await use({ fixture, open });
    terminal?.close();
    fixture.remove();
  },
});

function lab(words: string): string {
  return `clear; "${process.execPath}" "${START}" lab ${words}; echo "exit $?"`;
}

session.skipIf(!hasTmux())(
  'from the first start to a passed lab, a hint, a solution, a reset with undo, a quiz, and out again',
  SIDE_BY_SIDE,
  async ({ desk: { open, fixture } }) => {
    const shell = open();
    shell.type(lab(''), 'Enter');
    await shell.shows('Basics: 0 of 2 passed, about 25 minutes left');
    shell.type('Enter');
    await shell.shows('day1.1 Add two numbers (todo)');
    shell.type('Enter');
    await shell.shows('Make add add.');

    const acts = [
      'task',
      'open',
      'check',
      'watch',
      'run',
      'compare',
      'hint',
      'solution',
      'mistakes',
      'reset',
      'next',
      'back',
      'quit',
    ];
    let cursor = acts.indexOf('open');
    const act = (name: string, cursorAfter: string) => {
      const moves = acts.indexOf(name) - cursor;
      for (let i = 0; i < Math.abs(moves); i += 1) shell.type(moves > 0 ? 'Down' : 'Up');
      shell.type('Enter');
      cursor = acts.indexOf(cursorAfter);
    };

    act('check', 'check');
    await shell.shows('Not passed: 1 of 2 checks failed, 1 could not be judged.');
    await shell.shows(/\(failing\)[\s\S]*Quit/);
    act('hint', 'check');
    await shell.shows('Hint 1 of 3.');
    await shell.shows(/Hint 1 of 3[\s\S]*\(failing\)[\s\S]*Quit/);
    act('solution', 'check');
    await shell.shows('See it without an attempt?');
    shell.type('Down', 'Enter');
    await shell.shows('+   return a + b;');

    fixture.write(ADD, WORK);
    await shell.shows(/The operator was wrong[\s\S]*\(failing\)[\s\S]*Quit/);
    act('check', 'next');
    await shell.shows(/Passed\.[\s\S]*\(passed\)[\s\S]*Quit/);
    act('reset', 'check');
    await shell.shows(`Put the starter back in ${ADD}?`);
    shell.type('Down', 'Enter');
    const [, undo = ''] = /To put it back:\s+npm run lab --\s+(reset day1\.1 --undo\s+\S+)/.exec(
      await shell.shows(/--undo\s+\d{8}-\d{6}/),
    ) ?? [''];
    expect(readFileSync(join(fixture.root, ADD), 'utf8')).toContain('a - b');

    await shell.shows(/--undo[\s\S]*\(passed, edited since\)[\s\S]*Quit/);
    act('back', 'back');
    await shell.shows('about 15 minutes left');
    await shell.shows(/about 15 minutes left[\s\S]*Quiz {2}not taken yet[\s\S]*Quit/);
    shell.type('Down', 'Down', 'Enter');
    await shell.shows('What does');
    shell.type('Enter');
    await shell.shows('That is what the sign stands for.');
    await shell.shows('How much is 2 and 3?');
    shell.type('Enter');
    await shell.shows('1 of 2 right.');
    await shell.shows('1 of 2 right last time');
    shell.type('Escape');
    await shell.shows('Which day?');
    shell.type('Down', 'Enter');
    await shell.shows(
      /Your week \(workbook [\s\S]*1 of 2 right[\s\S]*As a page with charts[\s\S]*Which day\?/,
    );
    shell.type('Escape');
    await shell.shows('exit 0');
    await expectSaneTerminal(shell);

    shell.type(lab(undo.replaceAll(/\s+/g, ' ')), 'Enter');
    await shell.shows('exit 0');
    expect(readFileSync(join(fixture.root, ADD), 'utf8')).toBe(WORK);
    const { progress } = readProgress(fixture.root);
    expect(progress.labs['day1-basics/1-add']).toMatchObject({
      status: 'passed',
      hints: 1,
      solution: { forced: true },
    });
  },
);

session.skipIf(!hasTmux())(
  'Ctrl-C leaves the menu with 130 and the terminal sane',
  SIDE_BY_SIDE,
  async ({ desk: { open } }) => {
    const shell = open();
    shell.type(lab(''), 'Enter');
    await shell.shows('Basics: 0 of 2 passed');
    shell.type('C-c');
    await shell.shows('exit 130');
    await expectSaneTerminal(shell);
  },
);

session.skipIf(!hasTmux())(
  'Ctrl-C while grading stops an endless loop with 130',
  SIDE_BY_SIDE,
  async ({ desk: { open, fixture } }) => {
    fixture.write(ADD, 'export const add = async () => { for (;;); };\n');
    const shell = open();
    shell.type(lab('check day1.1'), 'Enter');
    await shell.shows('Checking day1.1');
    shell.type('C-c');
    await shell.shows('exit 130');
    await expectSaneTerminal(shell);
  },
);

session.skipIf(!hasTmux())(
  'watch grades at every save, moves on by a key only, and survives a deleted file',
  SIDE_BY_SIDE,
  async ({ desk: { open, fixture } }) => {
    const shell = open();
    shell.type(lab('watch'), 'Enter');
    await shell.shows('Checking day1.1, please wait');
    await shell.shows('Not passed: 1 of 2 checks failed, 1 could not be judged.');
    await shell.shows('q quit');
    shell.type('r');
    await shell.shows('day1.1 makes no calls, so there is nothing to watch');
    await shell.shows('Any key brings the verdict back');
    shell.type('x');
    await shell.shows(/Not passed[\s\S]*q quit/);
    fixture.write(ADD, WORK);
    await shell.shows('n next lab');
    expect(shell.screen()).toContain('Passed.');
    shell.type('n');
    await shell.shows('day1.2 Double a number');
    await shell.shows('q quit');
    fixture.write('days/day1-basics/2-double/double.ts', 'export const double = (n: number) => n * ;\n');
    await shell.shows('does not parse, line 1');
    await shell.shows('q quit');
    rmSync(join(fixture.root, 'days/day1-basics/2-double/double.ts'));
    await shell.shows('double.ts is missing. This brings the starter back: npm run lab -- reset day1.2');
    await shell.shows('q quit');
    shell.type('q');
    await shell.shows('exit 0');
    await expectSaneTerminal(shell);
    expect(existsSync(join(fixture.root, '.workbook', 'progress.json'))).toBe(true);
  },
);

session.skipIf(!hasTmux())(
  'with ACCESSIBLE choices are numbered and nothing is drawn over',
  SIDE_BY_SIDE,
  async ({ desk: { open } }) => {
    const shell = open({ ACCESSIBLE: '1', NO_COLOR: '1' });
    shell.type(lab(''), 'Enter');
    await shell.shows('1  day1.1  Add two numbers (fast, 10 min, todo)');
    shell.type('1', 'Enter');
    await shell.shows('3  Check');
    shell.type('3', 'Enter');
    await shell.shows('Not passed: 1 of 2 checks failed, 1 could not be judged.');
    await shell.shows(/Not passed[\s\S]*Type a number from 1 to 13/);
    shell.type('13', 'Enter');
    await shell.shows('exit 0');
  },
);
