import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { hashTexts, isFile } from '../workbook/files.ts';
import { cacheFolder, storageProblem, storeCached } from '../workbook/storage.ts';
import type { Lab } from '../workbook/workbook.ts';

/** Wall-clock time after which a verdict no longer waits for the types. */
const PATIENCE_MS = 20_000;

/**
 * What the TypeScript compiler has to say about the files, each as "file:line: message". It decides nothing, and is
 * not asked in a workbook without a tsconfig.json. The answer is kept by the content of the files, so that an unchanged
 * file is not compiled again.
 */
export async function typeNotes(
  home: string,
  root: string,
  lab: Lab,
  files: readonly string[],
): Promise<string[]> {
  const settings = join(root, 'tsconfig.json');
  if (![settings, ...files].every(isFile)) return [];
  const key = hashTexts(['types', ...files, ...files.map((file) => readFileSync(file, 'utf8'))]);
  const kept = join(cacheFolder(root), `types-${key}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as string[];
  try {
    const subject = await within(home, root, lab, files);
    const printed = await compile(home, root, subject);
    if (printed === undefined) return [];
    const notes = diagnosticsIn(printed, root, subject.files, files);
    storeCached(kept, JSON.stringify(notes));
    return notes;
  } catch (error) {
    if (storageProblem(error) === undefined) throw error;
    return []; // A verdict does not wait for a note that needs room on the disk.
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** What the compiler is asked to look at. */
interface Compiled {
  config: string;
  files: readonly string[];
}

/** Writes the compiler's settings. Files outside the workbook are copied to where they find its packages. */
async function within(home: string, root: string, lab: Lab, given: readonly string[]): Promise<Compiled> {
  const folder = join(cacheFolder(root), `types-${lab.id}`);
  mkdirSync(folder, { recursive: true });
  const isOutside = given.some(
    (file) => relative(root, file).startsWith('..') || isAbsolute(relative(root, file)),
  );
  const files = isOutside ? given.map((file) => join(folder, basename(file))) : given;
  if (isOutside) {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [at, file] of given.entries()) copyFileSync(file, files[at] ?? '');
  }
  const compilerOptions = { noEmit: true, ...(root === home && !isOutside ? {} : fromOutside(home, root)) };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), files, include: [], compilerOptions }),
  );
  return { config, files };
}

function compile(home: string, root: string, { config }: Compiled): Promise<string | undefined> {
  // The package exports no path to its command, so it is found from its description.
  const packageFile = createRequire(join(home, 'package.json')).resolve('typescript/package.json');
  const bin = join(dirname(packageFile), 'bin', 'tsc');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, '-p', config, '--pretty', 'false'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === null ? undefined : text));
  });
}

/** What a workbook elsewhere needs to find packages and the machinery, which only lie in this package. */
function fromOutside(home: string, root: string): object {
  return {
    typeRoots: [join(home, 'node_modules', '@types')],
    paths: {
      ...Object.fromEntries(
        ['check', 'clock', 'provider'].map((part) => [`#lib/${part}`, [join(home, 'lib', part, 'index.ts')]]),
      ),
      '#lib/*': [join(home, 'lib', '*')],
      '#days/*': [join(root, 'days', '*')],
      '#course/*': [join(root, 'days', '*')],
      '*': [join(home, 'node_modules', '*'), join(home, 'node_modules', '@types', '*')],
    },
  };
}

function diagnosticsIn(
  printed: string,
  root: string,
  compiled: readonly string[],
  given: readonly string[],
): string[] {
  const shown = (file: string) => relative(root, file).replaceAll('\\', '/');
  const names = new Map(compiled.map((file, at) => [shown(file), shown(given[at] ?? file)]));
  return [...printed.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+): (.+)$/gm)].flatMap(
    ([, file = '', line, code, text]) => {
      const name = names.get(file.replaceAll('\\', '/'));
      return name === undefined ? [] : [`Type error in ${name}:${line}: ${text} (${code})`];
    },
  );
}
