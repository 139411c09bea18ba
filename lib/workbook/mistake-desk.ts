import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type MistakeHeader, printHeader } from './mistake-header.ts';
import { basePathOf, mistakeFiles, mistakesFolder, readMistake, splitMistakeText } from './mistakes.ts';
import { makePatch } from './patch.ts';
import type { Lab } from './workbook.ts';

/** What a new mistake says before its author has said anything. */
const NEW_HEADER: MistakeHeader = {
  belief: 'TODO: what the author of such code believes.',
  effect: 'TODO: what happens instead, as users or the bill see it.',
  rejectedBy: 'TODO: the title of the check that must be the first to reject it',
};

export type Saved = { ok: true; file: string; changedLines: number } | { ok: false; problem: string };

/** Where a mistake lies while its author works on it: a whole file with its header as the first comment. */
export function deskPath(root: string, lab: Lab, name: string): string {
  return join(root, '.workbook', 'desk', lab.key, `${name}.ts`);
}

/** Lays a mistake open as a whole file and answers with its path. One that is not there begins as the solution. */
export function openMistake(root: string, lab: Lab, name: string): string {
  const file = mistakeFiles(lab).find((path) => /([^\\/]+)\.\w+$/.exec(path)?.[1] === name);
  if (!file) return layOpen(root, lab, name, NEW_HEADER, readFileSync(basePathOf(lab, NEW_HEADER), 'utf8'));
  const { belief, effect, rejectedBy, base, whole, text } = readMistake(lab, file);
  const header = { belief, effect, rejectedBy, ...(base && { base }), ...(whole && { whole }) };
  return layOpen(root, lab, name, header, whole ? splitMistakeText(file, text).code : text);
}

/** Writes a whole file with that header to the desk. */
export function layOpen(root: string, lab: Lab, name: string, header: MistakeHeader, code: string): string {
  const path = deskPath(root, lab, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, withHeader(header, code));
  return path;
}

/** Takes a mistake from the desk back into the lab: as a patch of what its header names, or whole if that says why. */
export function saveMistake(root: string, lab: Lab, name: string): Saved {
  const path = deskPath(root, lab, name);
  if (!existsSync(path))
    return {
      ok: false,
      problem: `${name} is not open. To open it: npm run mistake -- open ${lab.id} ${name}`,
    };
  const text = readFileSync(path, 'utf8');
  const conflict = text.split('\n').findIndex((line) => /^(<{7}|>{7}) /.test(line));
  if (conflict >= 0) return { ok: false, problem: `Line ${conflict + 1} of ${path} still marks a conflict.` };
  const { header, code } = splitMistakeText(path, text);
  const base = basePathOf(lab, header);
  if (!existsSync(base))
    return { ok: false, problem: `Its header names ${header.base}, which is not there.` };
  const patch = makePatch(header.base ?? lab.files[0] ?? '', readFileSync(base, 'utf8'), code);
  if (patch === '') return { ok: false, problem: `${path} is the same as what it should be a change of.` };
  mkdirSync(mistakesFolder(lab), { recursive: true });
  const file = join(mistakesFolder(lab), `${name}.${header.whole ? 'ts' : 'patch'}`);
  for (const kind of ['ts', 'patch']) rmSync(join(mistakesFolder(lab), `${name}.${kind}`), { force: true });
  writeFileSync(file, header.whole ? withHeader(header, code) : `${printHeader(header)}\n${patch}`);
  rmSync(path);
  return {
    ok: true,
    file,
    changedLines: patch.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line)).length,
  };
}

function withHeader(header: MistakeHeader, code: string): string {
  const lines = printHeader(header).trimEnd().split('\n');
  return `/*\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n\n${code}`;
}
