import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bubblewrapWorks, LEVELS } from '../../lib/grader/isolation.ts';
import { startIn } from './program.ts';

/** Mounting takes Linux and root, as the build has them. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const levels = LEVELS.filter((level) => level !== 'bubblewrap' || bubblewrapWorks());
const LAB = 'days/day1-latency/1-fan-out';
const scratch = mkdtempSync(join(tmpdir(), 'read-only-'));
const [course, ada] = [join(scratch, 'course'), join(scratch, 'ada')];
const mounts = [course, join(course, 'node_modules', '.cache')];

beforeAll(() => {
  if (!canMount) return;
  mkdirSync(course);
  mkdirSync(join(ada, LAB), { recursive: true });
  cpSync(resolve('solutions/day1-latency/1-fan-out/fan-out.ts'), join(ada, LAB, 'fan-out.ts'));
  mkdirSync(resolve('node_modules/.cache'), { recursive: true });
  execFileSync('mount', ['--bind', resolve('.'), course]);
  execFileSync('mount', ['-o', 'remount,ro,bind', course]);
  // Nothing that was compiled before is found.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(course, 'node_modules', '.cache')]);
});
afterAll(() => {
  if (canMount) for (const mount of mounts.toReversed()) execFileSync('umount', [mount]);
  rmSync(scratch, { recursive: true, force: true });
});

test.skipIf(!canMount).each(levels)(
  'a checkout that is read only grades others at the level %s',
  async (level) => {
    const words = ['lab', 'grade', ada, '--labs', 'day1.1', '--isolation', level];
    const { out, code } = await startIn(course, words);
    expect(out).toContain('1 of 1 passed');
    expect(code).toBe(0);
  },
);
