import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** An entry of the lock file: what is read of it here. */
interface Locked {
  version: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };

/** Where Node would look for a package from a folder: beside it, then further up. */
function foldersFrom(folder: string, name: string): string[] {
  const parts = folder.split(/\/?node_modules\//).filter(Boolean);
  return parts
    .map((_, at) => `node_modules/${[...parts.slice(0, parts.length - at), name].join('/node_modules/')}`)
    .concat(`node_modules/${name}`);
}

test('every optional package of every locked package is locked, for whichever platform it is', () => {
  const missing = Object.entries(lock.packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !foldersFrom(folder, name).some((place) => place in lock.packages))
      .map((name) => `${folder} wants ${name}`),
  );
  expect(missing).toEqual([]);
  const builds = ['rollup', 'esbuild', '@biomejs/biome', 'lmdb', 'msgpackr-extract', 'typescript'];
  const several = builds.filter(
    (name) => Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {}).length > 4,
  );
  expect(several).toEqual(builds);
});

test('the lock file names no registry', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
