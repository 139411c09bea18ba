import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkbook } from './fixtures/workbook.ts';

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

test('no file imports itself by way of others, types included', () => {
  expect(circles(resolve('.'))).toEqual([]);
});

test('a circle is found whatever way its imports are written', () => {
  const files = {
    'lib/a.ts': 'const b = await import(\n  /* later */ "./b.ts"\n);',
    'lib/b.ts': 'export * from "#lib/c";',
    'lib/c/index.ts': "import type { D } from '#days/d.ts';",
    'days/d.ts': '',
    'solutions/d.ts': "import '#course/e.ts';",
    'days/e.ts': "export type E = import('../test/f.ts').F;",
    'test/f.ts': "import('../lib/a.ts');",
  };
  const { root, remove } = makeWorkbook(files);
  const names = ['lib/a.ts', 'lib/b.ts', 'lib/c/index.ts', 'solutions/d.ts', 'days/e.ts', 'test/f.ts'];
  expect(circles(root)).toEqual([[...names, 'lib/a.ts'].join(' → ')]);
  remove();
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
function circles(root: string): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) {
      const circle = [...way.slice(way.indexOf(file)), file];
      found.push(circle.map((each) => relative(root, each).replaceAll('\\', '/')).join(' → '));
    } else if (!done.has(file)) {
      for (const target of imports(root, file)) walk(target, [...way, file]);
      done.add(file);
    }
  };
  for (const part of ['lib', 'days', 'solutions', 'test'])
    for (const file of sources(join(root, part))) walk(file, []);
  return found;
}

/** What names of package.json mean, and a learner's file with its solution. */
const NAMES: Record<string, string[]> = { lib: ['lib'], days: ['days', 'solutions'], course: ['days'] };
const IMPORT =
  /\b(?:from|import|import\()\s*(?:\/\*.*?\*\/\s*)?(['"])(?:#(lib|days|course)\/|(?=\.\.?\/))(.+?)\1/g;

/** Paths of the files of the course that a file imports. What is no file stands in a text: the code of a new lab. */
function imports(root: string, file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)]
    .flatMap(([, , name, path = '']) =>
      name ? (NAMES[name] ?? []).map((dir) => join(root, dir, path)) : [resolve(file, '..', path)],
    )
    .map((path) => (path.endsWith('.ts') ? path : join(path, 'index.ts')))
    .filter((path) => existsSync(path));
}

/** Parts of lib that a file imports, as "part/module" relative to lib. */
function libImports(file: string): string[] {
  const own = relative(LIB, file).split(/[\\/]/)[0];
  return imports(resolve('.'), file)
    .map((path) => relative(LIB, path).replaceAll('\\', '/').replace(/\.ts$/, ''))
    .filter((path) => path.split('/')[0] !== own);
}

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(dir, name));
}
