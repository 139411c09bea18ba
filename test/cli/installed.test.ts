import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installPackages } from '../fixtures/packages.ts';
import { startIn } from './program.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'installed-')));
  for (const part of ['lib', 'package.json']) cpSync(resolve(part), join(root, part), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('before npm install, every command says to run it, and where', async () => {
  for (const words of [['lab'], ['test'], ['provider'], ['lab', 'doctor']])
    expect(await startIn(root, words)).toEqual({
      code: 2,
      out: '',
      err: `The packages that the workbook needs are not installed yet. Run this in ${root}, then try again: npm install\n`,
    });
});

test('after an install that was cut short, the missing packages are named', async () => {
  installPackages(root, { without: ['msw', 'zod'] });
  const { code, err } = await startIn(root, ['lab', 'list']);
  expect(err).toBe(
    `Of the packages that this needs, msw, zod are missing. Run this in ${root}, then try again: npm install\n`,
  );
  expect(code).toBe(2);
});

test('a package of a package that is missing is named too', async () => {
  expect(existsSync(join('node_modules', 'esbuild')), 'tsx brings it').toBe(true);
  installPackages(root, { without: ['esbuild'] });
  expect((await startIn(root, ['lab', 'list'])).err).toContain('esbuild is missing');
});

test('the doctor starts all the same where it can, and lists what is missing', async () => {
  installPackages(root, { without: ['uplot'] });
  mkdirSync(join(root, 'days'));
  const { code, out } = await startIn(root, ['lab', 'doctor']);
  expect(out).toMatch(/^missing +Package +uplot is not installed/m);
  expect(code).toBe(1);
});

test('a damaged package is told apart from a fault of the workbook', async () => {
  installPackages(root, { without: ['kleur'] });
  mkdirSync(join(root, 'node_modules', 'kleur'));
  writeFileSync(join(root, 'node_modules', 'kleur', 'package.json'), '{');
  const { code, err } = await startIn(root, ['lab', 'list']);
  expect(err).toMatch(/^A package of the workbook is damaged: .*kleur[\s\S]*, then try again: npm ci\n$/);
  expect(code).toBe(2);
});
