import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What each part of lib may import from the others. Imports run one way. */
const MAY_IMPORT: Record<string, string[]> = {
  clock: [],
  provider: ['clock'],
  check: ['provider', 'clock'],
  workbook: ['check', 'provider', 'clock'],
  report: ['workbook', 'check', 'provider', 'clock', 'grader/verdict'],
  grader: ['workbook', 'check', 'provider', 'clock'],
  dashboard: ['workbook', 'check', 'provider', 'clock'],
  mutants: ['grader', 'workbook', 'check', 'provider', 'clock'],
  cli: ['bench', 'mutants', 'dashboard', 'grader', 'report', 'workbook', 'check', 'provider', 'clock'],
  bench: ['grader', 'report', 'workbook', 'check', 'provider', 'clock'],
};
const LIB = resolve('lib');
/** What runs in processes of its own may touch them too. */
const CHILD_ENTRIES = /grader[\\/](answer|child|worker|run)[\\/]|bench[\\/]served/;
/** Only the outermost code may end the process or write to its streams. */
const TOUCHES_PROCESS = /\bprocess\.(exit\(|argv\b|stdout\b|stderr\b|stdin\b)/;

for (const part of readdirSync(LIB)) {
  test(`lib/${part} imports only what lies below it`, () => {
    for (const file of sources(join(LIB, part)))
      for (const target of libImports(file)) {
        const allowed = (MAY_IMPORT[part] ?? []).some(
          (prefix) => target === prefix || target.startsWith(`${prefix}/`),
        );
        expect(allowed, `${file} imports lib/${target}`).toBe(true);
      }
  });
}

test('no file of lib imports itself by way of others, types included', () => {
  expect(circles(sources(LIB))).toEqual([]);
});

test('the clock and the provider know nothing of vitest, the terminal or files', () => {
  for (const part of ['clock', 'provider'])
    for (const file of sources(join(LIB, part)))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /from '(vitest|kleur|prompts|node:fs|node:readline|node:tty)/,
      );
});

test('only lib/cli and the entry points of child processes touch the process', () => {
  for (const part of readdirSync(LIB).filter((name) => name !== 'cli'))
    for (const file of sources(join(LIB, part)).filter((path) => !CHILD_ENTRIES.test(path)))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(TOUCHES_PROCESS);
});

test('labs import from lib only the provider, the clock and the words of checks', () => {
  for (const file of sources(resolve('days')))
    for (const [line, target] of readFileSync(file, 'utf8').matchAll(/^.*from '#lib\/([\w-]+).*$/gm))
      if (!line.includes('import type')) expect(['provider', 'clock', 'check']).toContain(target);
});

/** Each way that leads from a file back to itself, as "a.ts → b.ts → a.ts"; one for each file that closes one. */
function circles(files: readonly string[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) {
      const circle = [...way.slice(way.indexOf(file)), file];
      found.push(circle.map((each) => each.slice(LIB.length + 1).replaceAll('\\', '/')).join(' → '));
      return;
    }
    if (done.has(file)) return;
    // What is no file stands in a text: the code of a new lab.
    for (const target of relativeImports(file).filter((path) => existsSync(path)))
      walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

/** Paths of the files that a file imports by a relative path, with or without names. */
function relativeImports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import) '(\.\.?\/[^']+\.ts)'/g)].map(([, path = '']) =>
    resolve(file, '..', path),
  );
}

/** Parts of lib that a file imports, as "part/module" relative to lib. */
function libImports(file: string): string[] {
  const relative = relativeImports(file).map((path) =>
    path
      .slice(LIB.length + 1)
      .replaceAll('\\', '/')
      .replace(/\.ts$/, ''),
  );
  const own = file.slice(LIB.length + 1).split(/[\\/]/)[0];
  return relative.filter((path) => path.split('/')[0] !== own);
}

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(dir, name));
}
