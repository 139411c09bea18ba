import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMachinery } from '../../lib/grader/child/machinery.ts';

/** A package with a small clock and provider of its own. */
let home: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
};

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'machinery-')));
  write('lib/clock/index.ts', "export { now } from './now.ts';\n");
  write('lib/clock/now.ts', 'export const now = (): number => 7;\n');
  write('lib/provider/prices.json', '{ "input": 2 }\n');
  write(
    'lib/provider/index.ts',
    "import { now } from '../clock/now.ts';\nimport prices from './prices.json' with { type: 'json' };\n" +
      'export const price: number = prices.input * now();\n',
  );
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('the compiled files are plain JavaScript that works without vite, and one module each', async () => {
  const machinery = await openMachinery(home, join(home, 'cache'));
  const [, provider = ''] = machinery.preload ?? [];
  expect(existsSync(fileURLToPath(provider))).toBe(true);
  expect(await import(/* @vite-ignore */ provider)).toMatchObject({ price: 14 });
});

test('every way to name a file of these parts leads to the same compiled file, other files stay as they are', async () => {
  const machinery = await openMachinery(home, join(home, 'cache'));
  const named = [
    machinery.resolve('#lib/clock', join(home, 'days/day1/1-lab/scenario.ts')),
    machinery.resolve('#lib/clock/index.ts', undefined),
    machinery.resolve('../clock/index.ts', join(home, 'lib/check/play.ts')),
    machinery.resolve(join(home, 'lib/clock/index.ts'), undefined),
  ];
  expect(new Set(named).size).toBe(1);
  expect(named[0]).toMatch(/\/node_modules\/\.cache\/workbook\/lib-\w+\/clock\/index\.mjs$/);
  expect(machinery.resolve('./main.ts', join(home, 'lib/grader/index.ts'))).toBeUndefined();
  expect(machinery.resolve('zod', join(home, 'lib/provider/index.ts'))).toBeUndefined();
  expect(machinery.resolve('openai', undefined)).toBe(machinery.resolve('openai/index.mjs', undefined));
  expect(machinery.resolve('openai/error', undefined)).toMatch(/\/openai\/error\.mjs$/);
});

test('other content has another version, so nothing that was compiled before is taken for it', async () => {
  const before = await openMachinery(home, join(home, 'cache'));
  write('lib/clock/now.ts', 'export const now = (): number => 8;\n');
  const after = await openMachinery(home, join(home, 'cache'));
  expect(after.version).not.toBe(before.version);
  expect(await import(/* @vite-ignore */ after.preload[1] ?? '')).toMatchObject({ price: 16 });
});

test('where nothing may be written beside the packages, it is kept elsewhere', async () => {
  write('node_modules', 'a file where a folder is needed');
  const machinery = await openMachinery(home, join(home, 'cache'));
  expect(machinery.preload[0]).toContain('/cache/machinery/');
  expect(await import(/* @vite-ignore */ machinery.preload[1] ?? '')).toMatchObject({ price: 14 });
});
