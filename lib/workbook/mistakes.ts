import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { type MistakeHeader, parseHeader } from './mistake-header.ts';
import { applyStrictly, makePatch, SHOWN } from './patch.ts';
import type { Lab } from './workbook.ts';

/** A wrong answer that the course keeps: a small change of a right one, with the words that explain it. */
export interface Mistake extends MistakeHeader {
  /** "newest-first". */
  name: string;
  /** Absolute path of its file. */
  file: string;
  /** The unified diff; empty where the whole file is kept. */
  diff: string;
  /** Absolute path of what it is a change of. */
  basePath: string;
  /** The whole answer, applied. */
  text: string;
}

/** Reads a lab's mistakes, in the order of their names. Throws, with the line, on one that is not whole. */
export function readMistakes(lab: Lab): Mistake[] {
  return mistakeFiles(lab).map((file) => readMistake(lab, file));
}

/** The change as a person reads it: with more lines around than are kept. */
export function shownDiff({ basePath, diff, text }: Mistake): string {
  return diff === '' ? '' : makePatch(basename(basePath), readFileSync(basePath, 'utf8'), text, SHOWN);
}

/** A mistake's name, as it is typed: words with hyphens, or dots in a number. */
export const MISTAKE_NAME = /^[a-z0-9]+([.-][a-z0-9]+)*$/;

/** Paths of a lab's mistakes. */
export function mistakeFiles(lab: Lab): string[] {
  const folder = mistakesFolder(lab);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.(patch|ts)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** A path below the course as a person reads it: "solutions/day1-latency/3-limiter/limiter.ts". */
export function shown(lab: Lab, path: string): string {
  return posix.join('solutions', lab.key, relative(lab.solutionDir, path).replaceAll('\\', '/'));
}

export function mistakesFolder(lab: Lab): string {
  return join(lab.solutionDir, 'mistakes');
}

/** Reads one mistake and applies it. */
export function readMistake(lab: Lab, file: string): Mistake {
  const { header, code, firstLine } = splitMistake(lab, file);
  const basePath = basePathOf(lab, header);
  const told = { ...header, name: nameOf(file), file, basePath };
  if (file.endsWith('.ts')) return { ...told, diff: '', text: readFileSync(file, 'utf8') };
  const applied = applyStrictly(code, readFileSync(basePath, 'utf8'), baseName(lab, header), firstLine);
  if (!applied.ok)
    throw new MistakeProblem(
      `${shown(lab, file)} does not apply to ${shown(lab, basePath)}: ${applied.problem}.` +
        (applied.stale ? ` If that file has changed: npm run mistake -- rebase ${lab.id}` : ''),
    );
  return { ...told, diff: code, text: applied.text };
}

/** A mistake's file taken apart, not applied: `code` is a diff in a patch, and the answer in a whole file. */
export interface SplitMistake {
  header: MistakeHeader;
  code: string;
  /** Number of the line at which `code` begins. */
  firstLine: number;
}

/** What is wrong with a mistake's file, in a sentence for its author. */
export class MistakeProblem extends Error {}

/** Throws, with the line, on a file that has no whole header, or one that names no answer of the lab. */
export function splitMistake(lab: Lab, file: string): SplitMistake {
  const text = readFileSync(file, 'utf8');
  const isWhole = file.endsWith('.ts');
  const pattern = isWhole ? /^(\/\*\n)([\s\S]*?)(\n \*\/\n+)/ : /^()((?:.+\n?)*)(\n*)/;
  const [all = '', before = '', head = ''] = pattern.exec(text) ?? [];
  const refuse = (problem: string) =>
    new MistakeProblem(`The header of ${shown(lab, file)} cannot be read: ${problem}.`);
  if (isWhole && all === '')
    throw refuse('line 1 should be "/*", and further down a line " */" should end it');
  const read = parseHeader(isWhole ? head.replace(/^ \* ?/gm, '') : head, before === '' ? 1 : 2);
  if (!read.ok) throw refuse(read.problem);
  const { whole } = read.header;
  const line = head.split('\n').findIndex((each) => each.startsWith('Whole:')) + 1;
  if (whole && !isWhole) throw refuse(`line ${line} is "Whole: ${whole}", which a patch is not`);
  const base = baseName(lab, read.header);
  if (!/^((right|mistakes)\/)?[\w.-]+\.ts$/.test(base) || !isFile(basePathOf(lab, read.header))) {
    const wanted = `a file of ${shown(lab, lab.solutionDir)}, such as before.ts or right/other.ts`;
    throw refuse(`it is a change of "${base}", where "Base:" should name ${wanted}`);
  }
  return { header: read.header, code: text.slice(all.length), firstLine: all.split('\n').length };
}

export function basePathOf(lab: Lab, header: MistakeHeader): string {
  return join(lab.solutionDir, baseName(lab, header));
}

/** The file that a mistake is a change of, as its header and its diff name it. */
export function baseName(lab: Lab, { base }: MistakeHeader): string {
  return base ?? lab.files[0] ?? '';
}

/**
 * Path of the mistake as a file that can be imported: its own if it is kept whole, else a copy below `.workbook`, which
 * is in the package, so that imports mean the same there, and outside of git.
 */
export function materialise(root: string, lab: Lab, mistake: Mistake): string {
  if (mistake.diff === '') return mistake.file;
  const path = openedPath(root, lab, mistake.name);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== mistake.text) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, mistake.text);
  }
  return path;
}

/** Where a mistake lies while it is a whole file. */
function openedPath(root: string, lab: Lab, name: string): string {
  return join(root, '.workbook', 'mistakes', lab.key, `${name}.ts`);
}

// --- helpers -----------------------------------------------------------------------------------------------------

function nameOf(file: string): string {
  return /([^\\/]+)\.\w+$/.exec(file)?.[1] ?? file;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
