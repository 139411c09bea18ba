import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metric } from '../check/session.ts';
import { hashTexts, hashTree } from '../workbook/files.ts';
import { beforeFiles } from '../workbook/starter.ts';
import { cacheFolder, storeCached } from '../workbook/storage.ts';
import type { Lab } from '../workbook/workbook.ts';

/** The naive version's figures by name of metric, kept so that they are not measured again on every save. */
export type BeforeFigures = Record<string, number>;

/** A key that changes with everything the figures depend on. `home` is the package whose `lib` does the grading. */
export function beforeKey(home: string, lab: Lab, seed: number): string {
  const scenario = ['scenario.ts', 'scenario'].map((name) => join(lab.dir, name));
  const course = [...scenario, lab.checkFile, ...sharedFiles(lab), ...beforeFiles(lab)];
  const machine = ['check', 'clock', 'provider'].map((part) => join(home, 'lib', part));
  return hashTexts([hashTree(course), hashTree(machine), lab.key, String(seed)]);
}

/** What the labs of a day share: the files of its folder, and of its folders that are no labs. */
export function sharedFiles(lab: Lab): string[] {
  const day = dirname(lab.dir);
  return readdirSync(day)
    .filter((name) => !/^\d+-/.test(name) && !name.endsWith('.md'))
    .map((name) => join(day, name));
}

export function readBefore(root: string, key: string): BeforeFigures | undefined {
  const path = pathOf(root, key);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as BeforeFigures;
  } catch {
    return undefined; // A cache that cannot be read is measured anew.
  }
}

export function writeBefore(root: string, key: string, metrics: readonly Metric[]): void {
  const figures: BeforeFigures = {};
  for (const { name, before } of metrics) if (before !== null) figures[name] = before;
  if (Object.keys(figures).length > 0) storeCached(pathOf(root, key), JSON.stringify(figures));
}

function pathOf(root: string, key: string): string {
  return join(cacheFolder(root), `before-${key}.json`);
}
