import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM } from './launch.ts';

/**
 * How the process of an answer is kept from the rest of the machine, the strongest first. Each has what the one after
 * it has; `copies` is what is always done: a process of its own, and course files hashed before and after.
 */
export const LEVELS = ['bubblewrap', 'permission', 'copies'] as const;
export type Isolation = (typeof LEVELS)[number];

export interface Bounds {
  /** The package that grades, and the workbook whose course is graded with. */
  home: string;
  root: string;
  /** Where the process may write. */
  temp: string;
  /** Further folders that it may read. */
  reads: readonly string[];
  /** Files of the course that it may not: what somebody else wrote. */
  hidden: readonly string[];
  heapMb: number;
}

/** The strongest level that this machine has. */
export function strongest(): Isolation {
  return bubblewrapWorks() ? 'bubblewrap' : 'permission';
}

/** The command that starts the process of an answer at this level. */
export function launchCommand(level: Isolation, bounds: Bounds): string[] {
  const node = [process.execPath, ...NODE_FLAGS, `--max-old-space-size=${bounds.heapMb}`];
  if (level === 'copies') return [...node, PROGRAM];
  const flags = permissionFlags(bounds);
  if (level === 'permission') return [...node, ...flags, PROGRAM];
  return [...bubble(bounds), ...node, ...flags, PROGRAM];
}

/** True if bubblewrap is there and may make its namespaces, which a container often forbids. */
export function bubblewrapWorks(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('bwrap', [...ROOM, 'true'], { stdio: 'ignore' }).status === 0;
}

// --- helpers -----------------------------------------------------------------------------------------------------

const NODE_FLAGS = ['--experimental-import-meta-resolve', '--no-warnings'];

/**
 * Node's permission model: no file of anybody else's is read, nothing is written but below `temp`, no process and no
 * thread is started. Never `--allow-worker`: a thread with flags of its own would have none of this. It stops no network.
 */
function permissionFlags({ home, root, temp, reads }: Bounds): string[] {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const read = [...ofHome(home), join(root, 'days'), ...reads, temp];
  return [
    major < 22 ? '--experimental-permission' : '--permission',
    // For the labs that keep a cache in LMDB.
    '--allow-addons',
    ...[...new Set(read.flatMap(withReal))].map((path) => `--allow-fs-read=${path}${below(path)}`),
    ...withReal(temp).map((path) => `--allow-fs-write=${path}/*`),
  ];
}

/** What the process of an answer needs of the package that grades. */
function ofHome(home: string): string[] {
  return ['node_modules', 'package.json', 'lib/cli/plain-cwd.cjs'].map((path) => join(home, path));
}

/** The path, and what a link in it leads to; not where that has a "*", which these flags read as "anything". */
function withReal(path: string): string[] {
  const real = existsSync(path) ? realpathSync(path) : path;
  return [...new Set([path, ...(real.includes('*') ? [] : [real])])];
}

function below(path: string): string {
  return /\.\w+$/.test(path) ? '' : '/*';
}

/** Namespaces of its own, and of the system only what programs are made of. */
const ROOM = [
  ...['--die-with-parent', '--unshare-all', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
  ...['/usr', '/bin', '/sbin', ...libraries()].flatMap((path) => ['--ro-bind-try', path, path]),
];

function libraries(): string[] {
  return process.platform === 'linux'
    ? readdirSync('/')
        .filter((name) => /^lib\d*$/.test(name))
        .map((name) => `/${name}`)
    : [];
}

function bubble({ home, root, temp, reads, hidden }: Bounds): string[] {
  const shown = [dirname(dirname(realpathSync(process.execPath))), ...ofHome(home)];
  const course = [...shown, join(root, 'package.json'), join(root, 'days'), ...reads];
  return [
    ...['bwrap', ...ROOM],
    ...course.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path]),
    ...hidden.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...['--tmpfs', temp, '--chdir', root, '--setenv', 'HOME', temp, '--setenv', 'TMPDIR', temp],
  ];
}
