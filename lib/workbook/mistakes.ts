import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
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

/** Paths of a lab's mistakes. */
export function mistakeFiles(lab: Lab): string[] {
  const folder = mistakesFolder(lab);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.(patch|ts)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

export function mistakesFolder(lab: Lab): string {
  return join(lab.solutionDir, 'mistakes');
}

/** Reads one mistake and applies it. */
export function readMistake(lab: Lab, file: string): Mistake {
  const { header, code, firstLine } = splitMistake(file);
  const basePath = basePathOf(lab, header);
  const told = { ...header, name: nameOf(file), file, basePath };
  if (file.endsWith('.ts')) return { ...told, diff: '', text: readFileSync(file, 'utf8') };
  if (!existsSync(basePath))
    throw new Error(`${shown(file)} cannot be applied: there is no ${header.base} beside it.`);
  const applied = applyStrictly(code, readFileSync(basePath, 'utf8'), firstLine);
  if (!applied.ok)
    throw new Error(
      `${shown(file)} does not apply to ${shown(basePath)}: ${applied.problem}. ` +
        `If that file has changed: npm run mistake -- rebase ${lab.id}`,
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

export function splitMistake(file: string): SplitMistake {
  return splitMistakeText(file, readFileSync(file, 'utf8'));
}

/** The same for a text that lies, or will lie, at that path. Throws, with the line, if it has no whole header. */
export function splitMistakeText(file: string, text: string): SplitMistake {
  const pattern = file.endsWith('.ts')
    ? /^\/\*\n([\s\S]*?)\n \*\/\n+([\s\S]*)$/
    : /^([\s\S]*?)\n(--- [\s\S]*)$/;
  const [, head = '', code = ''] = pattern.exec(text) ?? [];
  const read = parseHeader(file.endsWith('.ts') ? head.replace(/^ \* ?/gm, '') : head);
  if (!read.ok) throw new Error(`The header of ${shown(file)} cannot be read: ${read.problem}.`);
  return { header: read.header, code, firstLine: head.split('\n').length + 1 };
}

export function basePathOf(lab: Lab, { base }: MistakeHeader): string {
  return join(lab.solutionDir, base ?? lab.files[0] ?? '');
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

function shown(file: string): string {
  return relative(join(dirname(file), '..', '..', '..', '..'), file).replaceAll('\\', '/');
}
