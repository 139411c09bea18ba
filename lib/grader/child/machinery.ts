import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesBelow, hashTree } from '../../workbook/files.ts';

/** The parts of `lib` that a thread can load before it knows what it will grade: they know nothing of vitest. */
const PARTS = ['clock', 'provider'];

/**
 * The clock and the provider as plain JavaScript, each file beside the others as in `lib`, so that threads load them
 * ahead and without vite: it would compile and hand over some eighty files one by one after each save.
 */
export interface Machinery {
  /** Names this version of the files: another for other content. */
  version: string;
  /** The compiled file for an import, where it means a file of these parts. */
  resolve(source: string, importer: string | undefined): string | undefined;
  /** What a thread loads ahead, as URLs. */
  preload: string[];
}

/** Finds or makes the compiled files. Undefined where they cannot be written; then vite compiles them as any other. */
export async function openMachinery(home: string): Promise<Machinery | undefined> {
  const parts = PARTS.map((part) => join(home, 'lib', part));
  const version = `lib-${hashTree(parts)}`;
  const dir = join(home, 'node_modules', '.cache', 'workbook', version);
  try {
    if (!existsSync(dir)) {
      removeOld(dirname(dir));
      await compile(home, parts, dir);
    }
  } catch {
    return undefined;
  }
  const compiledOf = (file: string) =>
    slashes(join(dir, relative(join(home, 'lib'), file))).replace(/\.ts$/, '.mjs');
  return {
    version,
    resolve(source, importer) {
      const file = fileOf(source, importer, home);
      return file !== undefined && parts.some((part) => isBelow(part, file)) ? compiledOf(file) : undefined;
    },
    preload: parts.map((part) => pathToFileURL(compiledOf(join(part, 'index.ts'))).href),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** All files are written aside and appear at once, so that graders that start together see none or all. */
async function compile(home: string, parts: readonly string[], dir: string): Promise<void> {
  const { transformWithEsbuild } = await import('vite');
  const draft = `${dir}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const write = async (file: string) => {
    const target = join(draft, relative(join(home, 'lib'), file));
    const text = readFileSync(file, 'utf8');
    mkdirSync(dirname(target), { recursive: true });
    if (!file.endsWith('.ts')) return writeFileSync(target, text);
    const { code } = await transformWithEsbuild(text, file, { sourcemap: false, tsconfigRaw: '{}' });
    writeFileSync(target.replace(/\.ts$/, '.mjs'), code.replaceAll(RELATIVE_TS, '$1$2.mjs$3'));
  };
  await Promise.all(parts.flatMap(filesBelow).map(write));
  try {
    renameSync(draft, dir);
  } catch {
    // Another grader was quicker.
    rmSync(draft, { recursive: true, force: true });
  }
}

const DAY_MS = 24 * 3_600_000;

/** What was compiled from content that is gone; a child that was started with it may still run today. */
function removeOld(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

const RELATIVE_TS = /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+)\.ts(["'])/g;

/** The file that an import of machinery names: `#lib/…`, an absolute path, or a path from the importer. */
function fileOf(source: string, importer: string | undefined, home: string): string | undefined {
  if (source === '#lib/clock' || source === '#lib/provider') return join(home, source.slice(1), 'index.ts');
  if (source.startsWith('#lib/')) return join(home, source.slice(1));
  if (source.startsWith('.') && importer !== undefined) return resolve(dirname(importer), source);
  return isBelow(join(home, 'lib'), source) ? source : undefined;
}

function isBelow(folder: string, file: string): boolean {
  return slashes(file).startsWith(`${slashes(folder)}/`);
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
