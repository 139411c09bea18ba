import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './workbook.ts';

export interface Hint {
  title: string;
  text: string;
}

/** The rungs of a lab's hints, from a nudge to nearly the answer: the `## ` sections of hints.md. */
export function readHints(lab: Lab): Hint[] {
  const path = join(lab.dir, 'hints.md');
  if (!existsSync(path)) return [];
  const sections = readFileSync(path, 'utf8').replaceAll('\r\n', '\n').split(/^## /m).slice(1);
  return sections.map((section) => {
    const [title = '', ...rest] = section.split('\n');
    return { title: title.trim(), text: rest.join('\n').replace(/^\n+/, '').trimEnd() };
  });
}
