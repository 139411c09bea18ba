import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { filesBelow, hashTree } from '../../workbook/files.ts';

/** The parts of `lib` that a thread can load before it knows what it will grade: they know nothing of vitest. */
const PARTS = ['clock', 'provider', 'check'];

/** Not of them: a file that knows vitest, which has to load it, and doors that no play goes through, with all of MSW. */
const APART = /check[\\/]vitest\.ts$|provider[\\/]doors[\\/](msw|node)\.ts$/;

/** What runs beside the answer, and the entry that `serve`s it. */
const ANSWER = 'grader/answer';

/**
 * Clock, provider and checks as plain JavaScript, each file in its place as in `lib`, so that threads load them ahead
 * and without vite: it would compile and hand over some eighty files one by one after each save.
 */
export interface Machinery {
  /** Names this version of the files: another for other content. */
  version: string;
  /** The compiled file for an import, where it means a file of these parts. */
  resolve(source: string, importer: string | undefined): string | undefined;
  /** Where below `lib` a compiled file comes from; undefined for any other file. */
  sourceOf(compiled: string): string | undefined;
  /** What a thread loads ahead, as URLs. */
  preload: string[];
  /** The program of the answer's process: one file, in which no import of the answer's finds a module. */
  answer: string;
}

/** Finds or makes the compiled files: beside the packages, or in `cacheDir` where nothing may be written there. */
export async function openMachinery(home: string, cacheDir: string): Promise<Machinery> {
  const parts = PARTS.map((part) => join(home, 'lib', part));
  // Packages are bundled with it, and package.json has their exact versions.
  const version = `lib-${hashTree([...parts, join(home, 'lib', 'grader'), join(home, 'package.json')])}`;
  const dir = await made(join(home, 'node_modules', '.cache', 'workbook', version), home, parts).catch(() => {
    const own = join(cacheDir, 'machinery', version);
    linkPackages(home, dirname(own));
    return made(own, home, parts);
  });
  const compiledOf = (file: string) =>
    slashes(join(dir, relative(join(home, 'lib'), file))).replace(/\.ts$/, '.mjs');
  return {
    version,
    resolve(source, importer) {
      const [name, part = 'index'] = /^openai(?:\/(.+?)(?:\.mjs)?)?$/.exec(source) ?? [];
      const ofSdk = name === undefined ? undefined : join(dir, 'openai', `${part}.mjs`);
      if (ofSdk !== undefined && existsSync(ofSdk)) return slashes(ofSdk);
      const file = fileOf(source, importer, home);
      const ours = file !== undefined && !APART.test(file) && parts.some((part) => isBelow(part, file));
      return ours ? compiledOf(file) : undefined;
    },
    sourceOf: (compiled) =>
      isBelow(dir, compiled) ? slashes(relative(dir, compiled)).replace(/\.mjs$/, '.ts') : undefined,
    preload: ['clock', 'provider'].map(
      (part) => pathToFileURL(compiledOf(join(home, 'lib', part, 'index.ts'))).href,
    ),
    answer: join(dir, 'answer.mjs'),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

async function made(dir: string, home: string, parts: readonly string[]): Promise<string> {
  if (existsSync(dir)) return dir;
  removeOld(dirname(dir));
  await compile(home, parts, dir);
  return dir;
}

/** Lets files outside of the package find its packages. */
function linkPackages(home: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'node_modules');
  if (!existsSync(link)) symlinkSync(join(home, 'node_modules'), link, 'junction');
}

/** All files are written aside and appear at once, so that graders that start together see none or all. */
async function compile(home: string, parts: readonly string[], dir: string): Promise<void> {
  const draft = `${dir}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const load = createRequire(createRequire(import.meta.url).resolve('vite'));
  const { build } = load('esbuild') as typeof import('esbuild');
  const ours = parts.flatMap(filesBelow).filter((file) => file.endsWith('.ts') && !APART.test(file));
  const outOf = (file: string) => slashes(relative(join(home, 'lib'), file)).replace(/\.ts$/, '');
  const entries = [...ours.map((file) => ({ in: file, out: outOf(file) })), ...sdkEntries()];
  const settings: BuildOptions = {
    ...{ bundle: true, external: SHARED, platform: 'node', format: 'esm', target: 'node20' },
    ...{ logLevel: 'silent', tsconfigRaw: '{}' },
    // What is CommonJS in a package asks for Node's own modules by this.
    banner: {
      js: "import { createRequire as $load } from 'node:module';\nconst require = $load(import.meta.url);",
    },
  };
  const names = { entryNames: '[dir]/[name]', chunkNames: 'shared-[hash]', outExtension: { '.js': '.mjs' } };
  const entry = join(home, 'lib', ANSWER, 'main.ts');
  await Promise.all([
    // Each file for itself, with what several of them need in files that they share.
    build({ ...settings, ...names, entryPoints: entries, splitting: true, outdir: draft }),
    existsSync(entry) &&
      build({ ...settings, stdin: program(home, entry, entries), outfile: join(draft, 'answer.mjs') }),
  ]);
  try {
    renameSync(draft, dir);
  } catch {
    // Another grader was quicker.
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Everything that runs beside an answer, as one file: nothing that the answer imports is among it. */
function program(home: string, entry: string, entries: readonly Entry[]) {
  const contents = [
    ...entries.map((each, i) => `import * as m${i} from ${JSON.stringify(each.in)};`),
    `import { serve } from ${JSON.stringify(entry)};`,
    `serve({ ${entries.map(({ out }, i) => `${JSON.stringify(`${out}.ts`)}: m${i}`).join(', ')} });`,
  ].join('\n');
  return { contents, resolveDir: home, loader: 'ts' } as const;
}

interface Entry {
  in: string;
  /** Path below the folder of compiled files, without its ending. */
  out: string;
}

/** The SDK, as one file instead of two hundred: what clients, checks and answers import of it is one and the same. */
function sdkEntries(): Entry[] {
  const folder = dirname(createRequire(import.meta.url).resolve('openai'));
  return ['', 'core'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => ({
        in: join(folder, part, name),
        out: ['openai', part, name.slice(0, -4)].filter(Boolean).join('/'),
      })),
  );
}

/**
 * What answers and the course use as well stays outside. Of every other package only what is used is taken along: that
 * loads in a fraction of the time.
 */
const SHARED = ['@azure/*', 'tiktoken', 'lmdb'];

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

/** The file that an import of machinery names: `#lib/…`, an absolute path, or a path from the importer. */
function fileOf(source: string, importer: string | undefined, home: string): string | undefined {
  if (/^#lib\/(clock|provider|check)$/.test(source)) return join(home, source.slice(1), 'index.ts');
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
