import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hashTexts } from '../workbook/files.ts';
import { cacheFolder } from '../workbook/storage.ts';
import type { Subject } from './subject.ts';

/** Node and vite read these in the path of a module as parts of an address. */
const ODD = process.platform === 'win32' ? /[#%?]/ : /[#%?\\]/;
const MODULE = /\.([cm]?[jt]sx?|json)$/;

/** A subject that modules can be loaded from, and the way back from its names to those that were given. */
export interface PlainSubject {
  subject: Subject;
  /** The same with the paths of the given files. */
  asGiven<T>(told: T): T;
}

/** Copies a subject with an odd path, and the modules beside it, to a plain place. Any other stays where it is. */
export function plainly(root: string, subject: Subject): PlainSubject {
  const odd = [...new Set(subject.files.map((file) => dirname(file)))].filter((folder) => ODD.test(folder));
  const plain = new Map(odd.map((folder) => [folder, join(cacheFolder(root), 'plain', hashTexts([folder]))]));
  for (const [folder, copy] of plain) copyModules(folder, copy);
  const files = subject.files.map((file) => join(plain.get(dirname(file)) ?? dirname(file), basename(file)));
  return {
    subject: { ...subject, files },
    asGiven: (told) =>
      [...plain].reduce(
        (text, [folder, copy]) => JSON.parse(JSON.stringify(text).replaceAll(inJson(copy), inJson(folder))),
        told,
      ),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function copyModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true }))
    if (entry.isFile() && MODULE.test(entry.name)) copyFileSync(join(from, entry.name), join(to, entry.name));
}

function inJson(path: string): string {
  return JSON.stringify(path).slice(1, -1);
}
