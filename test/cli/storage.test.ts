import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FixtureWorkbook, makeWorkbook } from '../fixtures/workbook.ts';
import { type Ended, program } from './program.ts';

let fixture: FixtureWorkbook;
let mounted: string | undefined;
beforeEach(() => {
  fixture = makeWorkbook();
});
afterEach(() => {
  if (mounted) execFileSync('umount', [mounted]);
  mounted = undefined;
  fixture.remove();
});

const lab = (...words: string[]): Promise<Ended> => program(fixture.root, ['lab', ...words]);
const state = () => join(fixture.root, '.workbook');

/** Mounting takes Linux and root, as the build has them. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

function makeReadOnly(): void {
  execFileSync('mount', ['--bind', fixture.root, fixture.root]);
  mounted = fixture.root;
  execFileSync('mount', ['-o', 'remount,ro,bind', fixture.root]);
}

function fillDisk(): void {
  mkdirSync(state());
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state()]);
  mounted = state();
  expect(() => writeFileSync(join(state(), 'full'), 'x'.repeat(100_000))).toThrow('ENOSPC');
}

const putFileInTheWay = () => writeFileSync(state(), 'a file');

const STATES: [name: string, make: () => void, reason: string, possible: boolean][] = [
  ['the workbook is read-only', makeReadOnly, 'the file system is read-only', canMount],
  ['the disk is full', fillDisk, 'no space is left on the disk', canMount],
  ['a file is where .workbook should be', putFileInTheWay, 'a file is where a folder should be', true],
];

for (const [name, make, reason, possible] of STATES) {
  test.skipIf(!possible)(`when ${name}, the verdict is shown, and why it is not kept`, async () => {
    make();
    const { code, out, err } = await lab('check', 'day1.1');
    expect(out).toContain('2 and 3 gave -1.');
    expect(err).toContain(reason);
    expect(err).not.toMatch(/fault of the workbook|^ +at /m);
    expect(code).toBe(1);
    expect((await lab('hint', 'day1.1')).out).toContain('Read the name of the function.');
  });

  test.skipIf(!possible)(`when ${name}, the doctor says so`, async () => {
    make();
    const { code, out } = await lab('doctor');
    expect(out).toMatch(
      new RegExp(`^missing +Storage +cannot keep anything in \\.workbook +.*${reason}`, 'm'),
    );
    expect(code).toBe(1);
  });

  test.skipIf(!possible)(`when ${name}, a reset touches nothing and says why`, async () => {
    make();
    const before = readFileSync(join(fixture.root, 'days/day1-basics/1-add/add.ts'), 'utf8');
    const { code, err } = await lab('reset', 'day1.1');
    expect(err).toMatch(/could not be read or written: /);
    expect(err).not.toContain('fault of the workbook');
    expect(code).toBe(2);
    expect(readFileSync(join(fixture.root, 'days/day1-basics/1-add/add.ts'), 'utf8')).toBe(before);
  });
}

test("a folder in the place of the lab's file is named, and reset keeps it aside", async () => {
  const file = join(fixture.root, 'days/day1-basics/1-add/add.ts');
  rmSync(file);
  mkdirSync(join(file, 'notes'), { recursive: true });
  const { code, out } = await lab('check', 'day1.1');
  expect(out).toContain('add.ts is a folder or something else');
  expect(code).toBe(1);
  const reset = await lab('reset', 'day1.1');
  expect(reset.out).toContain('To put it back: npm run lab -- reset day1.1 --undo');
  expect((await lab('check', 'day1.1')).out).toContain('2 and 3 gave -1.');
});

const STRANGE: [name: string, make: (file: string) => void, says: string][] = [
  ['a pipe', (file) => execFileSync('mkfifo', [file]), 'add.ts is a folder or something else'],
  [
    'a dead link',
    (file) => symlinkSync('nowhere.ts', file),
    'add.ts is a link to something that is not there',
  ],
  ['50 MB', (file) => writeFileSync(file, 'a'.repeat(50e6)), 'add.ts has more than 1 MB'],
  ['a binary file', (file) => writeFileSync(file, Buffer.alloc(5000)), 'add.ts is no text in UTF-8'],
];

test.skipIf(process.platform === 'win32').each(STRANGE)(
  "%s in the place of the lab's file is named in one sentence, and reset puts it aside",
  async (_, make, says) => {
    const file = join(fixture.root, 'days/day1-basics/1-add/add.ts');
    rmSync(file);
    make(file);
    const { code, out } = await lab('check', 'day1.1');
    expect(out).toContain(says);
    expect(out).not.toContain('Note:');
    expect(code).toBe(1);
    expect((await lab('reset', 'day1.1')).code).toBe(0);
    expect((await lab('check', 'day1.1')).out).toContain('2 and 3 gave -1.');
  },
);

test('damaged progress is said by the doctor, which leaves the file alone', async () => {
  const path = fixture.write('.workbook/progress.json', '{ "version": 1, "labs": { "x": "x" } }');
  const { code, out } = await lab('doctor');
  expect(out).toMatch(/^missing +Progress +damaged +The progress file is damaged at x; the rest counts\.$/m);
  expect(code).toBe(1);
  expect(readFileSync(path, 'utf8')).toContain('"x": "x"');
});

test('another installer than npm is said by the doctor', async () => {
  const env = { npm_config_user_agent: 'yarn/1.22.22 npm/? node/v20.19.0 linux x64' };
  const { code, out } = await program(fixture.root, ['lab', 'doctor'], { env });
  expect(out).toMatch(/^missing +Installer +yarn 1\.22\.22 +The lock file is npm's/m);
  expect(code).toBe(1);
});

test('what an answer prints and throws cannot move the cursor, colour the screen or ring', async () => {
  fixture.write(
    'days/day1-basics/1-add/add.ts',
    "export async function add() { console.log('\\u001b[2J\\u0000\\u0007hidden'); throw new Error('\\u001b]0;title\\u0007'); }\n",
  );
  const { out } = await lab('check', 'day1.1');
  expect(out).toContain('␛[2J␀␇hidden');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
});
