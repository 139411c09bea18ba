import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../workbook/workbook.ts';
import type { Mutant } from './mutate.ts';

/** A mutation that no check needs to reject, as a lab's `mutants.md` lists it. */
export interface Listed {
  /** `equivalent` changes nothing; `free` changes what the task leaves open. */
  kind: 'equivalent' | 'free';
  /** What `keyOf` says of the mutation. */
  key: string;
  reason: string;
}

/** How a mutation is named in a list: its function, its line with the place marked, and what stands there instead. */
export function keyOf(program: string, { start, end, within, becomes }: Mutant): string {
  const from = program.lastIndexOf('\n', start - 1) + 1;
  const [first = ''] = program.slice(start, end).split('\n');
  const until = program.indexOf('\n', start + first.length);
  const rest = end > start + first.length ? '…' : program.slice(end, until);
  const line = `${program.slice(from, start)}«${first}»${rest}`.trim();
  return `\`${within || 'top'}\`: \`${line}\` → \`${becomes}\``;
}

/** Reads a lab's lists: sections "Equivalent" and "Free" of lines "- KEY: REASON". */
export function readLists(lab: Lab): Listed[] {
  const path = listsPath(lab);
  if (!existsSync(path)) return [];
  const listed: Listed[] = [];
  let kind: Listed['kind'] = 'equivalent';
  for (const [at, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    const title = /^## (Equivalent|Free)$/.exec(line)?.[1];
    if (title) kind = title === 'Free' ? 'free' : 'equivalent';
    if (!line.startsWith('- ')) continue;
    const [, key, reason] = /^- (`.*?`: `.*` → `.*?`): (.+)$/.exec(line) ?? [];
    if (!key || !reason)
      throw new Error(
        `${path}:${at + 1} is no line "- \`function\`: \`line with «place»\` → \`change\`: reason": ${line}`,
      );
    listed.push({ kind, key, reason });
  }
  return listed;
}

export function listsPath(lab: Lab): string {
  return join(lab.solutionDir, 'mutants.md');
}
