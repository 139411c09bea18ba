import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { type MistakeHeader, printHeader } from './mistake-header.ts';
import {
  baseName,
  basePathOf,
  mistakeFiles,
  mistakesFolder,
  readMistake,
  shown,
  splitMistake,
} from './mistakes.ts';
import { makePatch } from './patch.ts';
import type { Lab } from './workbook.ts';

/** What a new mistake says before its author has said anything. */
const NEW_HEADER: MistakeHeader = {
  belief: 'TODO: what the author of such code believes.',
  effect: 'TODO: what happens instead, as users or the bill see it.',
  rejectedBy: 'TODO: the title of the check that must be the first to reject it',
};

export type Opened = { ok: true; path: string } | { ok: false; problem: string };

export type Put = { ok: false; problem: string } | { ok: true; put: PutMistake };

/** A mistake that was put into the lab to be graded there. Its file on the desk stays until it is kept. */
export interface PutMistake {
  file: string;
  changedLines: number;
  /** Clears the desk, unless it was edited since. */
  keep(): void;
  /** Leaves the lab as it was. */
  takeOut(): void;
}

/** Where a mistake lies while its author works on it: a whole file with its header as the first comment. */
export function deskPath(root: string, lab: Lab, name: string): string {
  return join(root, '.workbook', 'desk', lab.key, `${name}.ts`);
}

/** Lays a mistake open as a whole file and answers with its path. One that is not there begins as the solution. */
export function openMistake(root: string, lab: Lab, name: string): Opened {
  const file = mistakeFiles(lab).find((path) => parse(path).name === name);
  if (!file) return layOpen(root, lab, name, NEW_HEADER, readFileSync(basePathOf(lab, NEW_HEADER), 'utf8'));
  const { belief, effect, rejectedBy, base, whole, text } = readMistake(lab, file);
  const header = { belief, effect, rejectedBy, ...(base && { base }), ...(whole && { whole }) };
  return layOpen(root, lab, name, header, file.endsWith('.ts') ? splitMistake(lab, file).code : text);
}

/** Writes a whole file with that header to the desk, where nothing lies that its author has changed. */
export function layOpen(root: string, lab: Lab, name: string, header: MistakeHeader, code: string): Opened {
  const path = deskPath(root, lab, name);
  const text = withHeader(header, code);
  if (existsSync(path) && readFileSync(path, 'utf8') !== text) {
    const save = `npm run mistake -- save ${lab.id} ${name}`;
    const problem = `${shown(lab, path)} is there already and is not the same. Save it (${save}), or delete it to begin again`;
    return { ok: false, problem };
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return { ok: true, path };
}

/** Puts a mistake from the desk into the lab: as a patch of what its header names, or whole if that says why. */
export function putMistake(root: string, lab: Lab, name: string): Put {
  const path = deskPath(root, lab, name);
  const open = `npm run mistake -- open ${lab.id} ${name}`;
  if (!existsSync(path)) return { ok: false, problem: `${name} is not open. To open it: ${open}` };
  const text = readFileSync(path, 'utf8');
  const at = text.split('\n').findIndex((line) => CONFLICT.test(line)) + 1;
  if (at > 0) return { ok: false, problem: `Line ${at} of ${shown(lab, path)} still marks a conflict.` };
  const { header, code } = splitMistake(lab, path);
  if (Object.values(header).some((words) => words.includes('TODO')))
    return { ok: false, problem: `The header of ${shown(lab, path)} still has a TODO.` };
  const patch = makePatch(baseName(lab, header), readFileSync(basePathOf(lab, header), 'utf8'), code);
  if (patch === '')
    return { ok: false, problem: `${shown(lab, path)} is the same as what it should be a change of.` };
  const file = join(mistakesFolder(lab), `${name}.${header.whole ? 'ts' : 'patch'}`);
  const before = mistakeFiles(lab)
    .filter((kept) => parse(kept).name === name)
    .map((kept) => [kept, readFileSync(kept)] as const);
  mkdirSync(mistakesFolder(lab), { recursive: true });
  for (const [kept] of before) rmSync(kept);
  writeFileSync(file, header.whole ? withHeader(header, code) : `${printHeader(header)}\n${patch}`);
  const changedLines = patch.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line)).length;
  const keep = () => {
    if (readFileSync(path, 'utf8') === text) rmSync(path);
  };
  const takeOut = () => {
    rmSync(file);
    for (const [kept, bytes] of before) writeFileSync(kept, bytes);
  };
  return { ok: true, put: { file, changedLines, keep, takeOut } };
}

/** What `git merge-file` writes where two changes meet. */
const CONFLICT = /^([<|=>])\1{6}( |$)/;

function withHeader(header: MistakeHeader, code: string): string {
  const lines = printHeader(header).trimEnd().split('\n');
  return `/*\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n\n${code}`;
}
