import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** An entry of the lock file: what npm looks at when it chooses for a platform. */
interface Locked {
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dev?: boolean;
}
type Platform = [os: string, cpu: string, libc?: string];

const PLATFORMS: Platform[] = [
  ...(['x64', 'arm64'] as const).flatMap((cpu): Platform[] => [
    ['linux', cpu, 'glibc'],
    ['linux', cpu, 'musl'],
    ['darwin', cpu],
  ]),
  ['win32', 'x64'],
];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const folder = mkdtempSync(join(tmpdir(), 'lock-'));
for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(name, join(folder, name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packages that are built for some platforms and fit this one. */
function builtFor([os, cpu, libc]: Platform): string[] {
  const fits = (wanted: string[] | undefined, is: string | undefined) =>
    wanted === undefined || is === undefined || wanted.includes(is);
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.os !== undefined && entry.cpu !== undefined)
    .filter(([, entry]) => fits(entry.os, os) && fits(entry.cpu, cpu) && fits(entry.libc, libc))
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/** What `npm ci` would install there, asked of npm itself, which reads nothing but the lock file. */
function resolvedBy(npm: string, [os, cpu, libc]: Platform): string[] {
  const platform = [`--os=${os}`, `--cpu=${cpu}`, ...(libc ? [`--libc=${libc}`] : [])];
  const words = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--include=dev', ...platform];
  const cli = resolve('node_modules', npm, 'bin', 'npm-cli.js');
  const printed = execFileSync(process.execPath, [cli, ...words], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [...printed.matchAll(/^add (\S+) /gm)].map(([, name = '']) => name);
}

for (const npm of ['npm-10', 'npm-11'])
  test.each(PLATFORMS)(`${npm} resolves every build for %s %s %s from the lock file`, (...platform) => {
    const wanted = builtFor(platform);
    const resolved = resolvedBy(npm, platform);
    expect(wanted.length).toBeGreaterThanOrEqual(5);
    expect(wanted.filter((name) => !resolved.includes(name))).toEqual([]);
  });

const MOST_MB = 210;

test(`a learner installs at most ${MOST_MB} MB`, () => {
  const folders = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
  const bytes = folders.map(([path]) => bytesIn(path)).reduce((sum, each) => sum + each, 0);
  expect(bytes / 2 ** 20).toBeLessThan(MOST_MB);
});

/** Bytes on a disk that gives each file whole blocks, without packages inside, which have entries of their own. */
function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules');
  const sizes = entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? bytesIn(path) : Math.ceil(statSync(path).size / BLOCK_BYTES) * BLOCK_BYTES;
  });
  return sizes.reduce((sum, each) => sum + each, BLOCK_BYTES);
}

const BLOCK_BYTES = 4096;
