import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startIn } from './program.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'paths-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A checkout with one lab below `folder`. Its packages are those of this one, behind a link, or its own. */
function checkoutIn(folder: string, packages = linkPackages): string {
  const root = join(base, folder);
  const lab = join('day1-latency', '1-fan-out');
  mkdirSync(root, { recursive: true });
  for (const part of ['lib', 'package.json', 'tsconfig.json', join('days', lab), join('solutions', lab)])
    cpSync(resolve(part), join(root, part), { recursive: true });
  for (const part of ['days', 'solutions'])
    cpSync(resolve(part, 'day1-latency'), join(root, part, 'day1-latency'), {
      recursive: true,
      filter: (path) => !/[\\/][2-9]-[^\\/]*$/.test(path),
    });
  packages(root);
  return root;
}

function linkPackages(root: string): void {
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'), 'junction');
}

/** Hard links: a copy that costs nothing. */
function copyPackages(root: string): void {
  const copy = (from: string, to: string): void => {
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const [path, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) copy(path, target);
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(path), target);
      else linkSync(path, target);
    }
  };
  copy(resolve('node_modules'), join(root, 'node_modules'));
}

/** A backslash and a question mark are no part of a name on Windows. */
const NAMES = [
  ...['C# course', 'pct%20x', '100%', 'a space', "it's", 'émoji 🎓', '日本語', `${'long/'.repeat(60)}way`],
  ...(process.platform === 'win32' ? [] : ['q?m', 'a * star', '"quoted"', 'server\\share']),
];

test.each(NAMES)(
  'a workbook in a folder named "%s" grades, and the doctor says that all is well',
  async (name) => {
    const root = checkoutIn(name);
    const check = await startIn(root, ['lab', 'check', 'day1.1', '--subject', 'solution', '--json']);
    expect(check.err).toBe('');
    expect(JSON.parse(check.out).labs[0]).toMatchObject({ status: 'passed' });
    const [yours, doctor] = await Promise.all([
      startIn(root, ['lab', 'check', 'day1.1']),
      startIn(root, ['lab', 'doctor']),
    ]);
    expect(yours.out).toContain('fan-out.ts:');
    expect(yours.code).toBe(1);
    expect(doctor.out).toContain('Everything that the course needs is here.');
  },
);

test.skipIf(process.platform === 'win32')(
  'a workbook whose packages lie in an odd folder too grades',
  async () => {
    const root = checkoutIn('C# \\ * 100%20?', copyPackages);
    const { out } = await startIn(root, ['lab', 'check', 'day1.1', '--subject', 'solution', '--json']);
    expect(JSON.parse(out).labs[0]).toMatchObject({ status: 'passed' });
  },
);

test('the first verdict that a learner gets is the one that README.md shows', async () => {
  const [, shown = ''] = /```text\n([^`]+)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const { out } = await startIn(checkoutIn('first'), ['lab', 'check', 'day1.1', '--subject', 'before']);
  expect(shown).toContain('  fail   ');
  expect(out).toContain(shown.trimEnd());
});

test('a workbook behind a link grades', async () => {
  symlinkSync(checkoutIn('C# behind a link'), join(base, 'link'), 'junction');
  const { out } = await startIn(join(base, 'link'), [
    'lab',
    'check',
    'day1.1',
    '--subject',
    'solution',
    '--json',
  ]);
  expect(JSON.parse(out).labs[0]).toMatchObject({ status: 'passed' });
});

test('a subject elsewhere is graded from any folder', async () => {
  const root = checkoutIn('C# for others');
  const elsewhere = join(base, 'their#folder');
  mkdirSync(elsewhere);
  cpSync(resolve('solutions/day1-latency/1-fan-out/fan-out.ts'), join(elsewhere, 'x.ts'));
  const { out } = await startIn(root, [
    'lab',
    'check',
    'day1.1',
    '--subject',
    join(elsewhere, 'x.ts'),
    '--json',
  ]);
  expect(JSON.parse(out).labs[0]).toMatchObject({ status: 'passed' });
});
