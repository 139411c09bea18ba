import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { hashTexts, stateDir, writeAtomically } from '../workbook/files.ts';
import type { Lab } from '../workbook/workbook.ts';

/** Wall-clock time after which a verdict no longer waits for the types. */
const PATIENCE_MS = 5000;

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
  if (![settings, ...files].every((file) => existsSync(file))) return [];
  const key = hashTexts(['types', ...files, ...files.map((file) => readFileSync(file, 'utf8'))]);
  const kept = join(stateDir(root), 'cache', `types-${key}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as string[];
  const printed = await compile(home, root, lab, files);
  if (printed === undefined) return [];
  const notes = diagnosticsIn(printed, root, files);
  writeAtomically(kept, JSON.stringify(notes));
  return notes;
}

// --- helpers -----------------------------------------------------------------------------------------------------

function compile(
  home: string,
  root: string,
  lab: Lab,
  files: readonly string[],
): Promise<string | undefined> {
  const config = join(stateDir(root), 'cache', `tsconfig-${lab.id}.json`);
  mkdirSync(dirname(config), { recursive: true });
  const compilerOptions = { noEmit: true, ...(root === home ? {} : fromOutside(home, root)) };
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), files, include: [], compilerOptions }),
  );
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
      '#lib/*': [join(home, 'lib', '*')],
      '#days/*': [join(root, 'days', '*')],
      '*': [join(home, 'node_modules', '*'), join(home, 'node_modules', '@types', '*')],
    },
  };
}

function diagnosticsIn(printed: string, root: string, files: readonly string[]): string[] {
  const wanted = new Set(files.map((file) => relative(root, file).replaceAll('\\', '/')));
  return [...printed.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+): (.+)$/gm)].flatMap(
    ([, file = '', line, code, text]) =>
      wanted.has(file.replaceAll('\\', '/')) ? [`Type error in ${file}:${line}: ${text} (${code})`] : [],
  );
}
