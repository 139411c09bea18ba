import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { layOpen } from '../workbook/mistake-desk.ts';
import { printHeader } from '../workbook/mistake-header.ts';
import {
  baseName,
  basePathOf,
  MistakeProblem,
  mistakeFiles,
  type SplitMistake,
  shown,
  splitMistake,
} from '../workbook/mistakes.ts';
import { applyStrictly, makePatch } from '../workbook/patch.ts';
import type { Lab } from '../workbook/workbook.ts';

/** What became of one patch after its solution had changed. */
export type Rebased =
  | { name: string; what: 'fits' }
  | { name: string; what: 'rebased' }
  | { name: string; what: 'taken in' }
  | { name: string; what: 'lost'; problem: string }
  | { name: string; what: 'conflict'; opened: string; lines: readonly string[] };

/** How far back the version that a patch was made for is looked for. */
const VERSIONS = 50;

/**
 * Brings a lab's patches up to date with what they are a change of: by a three-way merge of the version that a patch
 * fits, from git, the mistake made of it, and the file as it is now. Only conflicts are left for a person.
 */
export function rebaseMistakes(root: string, lab: Lab): Rebased[] {
  return mistakeFiles(lab)
    .filter((file) => file.endsWith('.patch'))
    .map((file) => {
      try {
        return rebase(root, lab, file);
      } catch (error) {
        if (!(error instanceof MistakeProblem)) throw error;
        return { name: basename(file, '.patch'), what: 'lost', problem: error.message.replace(/\.$/, '') };
      }
    });
}

function rebase(root: string, lab: Lab, file: string): Rebased {
  const name = basename(file, '.patch');
  const split = splitMistake(lab, file);
  const base = basePathOf(lab, split.header);
  const fileName = baseName(lab, split.header);
  const now = readFileSync(base, 'utf8');
  const applied = applyStrictly(split.code, now, fileName, split.firstLine);
  if (applied.ok) return { name, what: 'fits' };
  if (!applied.stale) return { name, what: 'lost', problem: applied.problem };
  const before = versionThatFits(root, base, fileName, split);
  if (!before) {
    const anew = `delete ${shown(lab, file)}, then npm run mistake -- open ${lab.id} ${name}`;
    const problem = `it fits none of the last ${VERSIONS} versions of ${shown(lab, base)} in git, so the one that it was written on was never committed. Bring that one back, commit it, make your change again and rebase; or write the mistake anew: ${anew}`;
    return { name, what: 'lost', problem };
  }
  const { text, conflicts } = merge(before.mistake, before.base, now);
  if (conflicts) {
    const opened = layOpen(root, lab, name, split.header, text);
    if (!opened.ok) return { name, what: 'lost', problem: opened.problem };
    return {
      name,
      what: 'conflict',
      opened: opened.path,
      lines: conflictLines(readFileSync(opened.path, 'utf8')),
    };
  }
  if (text === now) return { name, what: 'taken in' };
  const patch = makePatch(fileName, now, text);
  writeFileSync(file, `${printHeader(split.header)}\n${patch}`);
  return { name, what: 'rebased' };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function versionThatFits(root: string, base: string, name: string, { code }: SplitMistake) {
  const path = relative(root, base).replaceAll('\\', '/');
  const versions = git(root, ['log', `-${VERSIONS}`, '--format=%H', '--', path])
    .split('\n')
    .filter(Boolean);
  for (const version of versions) {
    const text = git(root, ['show', `${version}:./${path}`]);
    const applied = applyStrictly(code, text, name);
    if (applied.ok) return { base: text, mistake: applied.text };
  }
  return undefined;
}

function merge(mistake: string, base: string, now: string): { text: string; conflicts: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'rebase-'));
  try {
    for (const [name, text] of Object.entries({ mistake, base, now }))
      writeFileSync(join(folder, name), text);
    const { stdout, status } = spawnSync('git', ['merge-file', '-p', '--diff3', 'mistake', 'base', 'now'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { text: stdout, conflicts: status !== 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(root: string, args: string[]): string {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }).stdout ?? '';
}

/** The conflicts of a merged text, each from its first to its last mark. */
function conflictLines(text: string): string[] {
  const conflicts: string[] = [];
  let open: string[] | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    if (line.startsWith('<<<<<<< ')) open = [];
    open?.push(`${String(at + 1).padStart(4)}  ${line}`);
    if (open && line.startsWith('>>>>>>> ')) {
      conflicts.push(open.join('\n'));
      open = undefined;
    }
  }
  return conflicts;
}
