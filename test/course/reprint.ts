import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Texts are written anew instead of held to what is measured: `WORKBOOK_REPRINT=1 npm test -- test/course`. */
export const REPRINTS = process.env.WORKBOOK_REPRINT !== undefined;
/** The phrases of a text as they were printed last, by their names; none for a text that is new. */
export function printedPhrases(text: string): Record<string, string> {
  const file = printedFile(text);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/**
 * Puts what is measured now in the place of what was printed, in one text file, and remembers it. A phrase that does not
 * stand there as it was printed is left to the person who runs this: the test still fails on it.
 */
export function reprintPhrases(file: string, measured: Record<string, string>): void {
  const old = printedPhrases(file);
  const changed = Object.entries(measured).filter(([name, phrase]) => (old[name] ?? phrase) !== phrase);
  rewrite(
    resolve(file),
    changed.map(([name, phrase]) => [old[name] as string, phrase]),
  );
  const sorted = Object.fromEntries(Object.entries(measured).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(printedFile(file), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** The phrases of one text, as they were when it was last held to what is measured. */
function printedFile(text: string): string {
  const name = text.replace(/^(?:days|solutions)\/|(?:\/README)?\.\w+$/g, '').replaceAll('/', '.');
  return resolve('test/course/printed', `${name}.json`);
}

/**
 * Puts the rows of a table that starts with the names of figures in the place of those in a lab's task, and each figure
 * that changed in the place of the old one in its hints and notes.
 */
export function reprintRows(
  files: { task: string; others: readonly string[] },
  rows: readonly string[],
): void {
  const lines = readFileSync(files.task, 'utf8').split('\n');
  const swaps: [string, string][] = [];
  for (const row of rows) {
    const start = row.slice(0, row.indexOf(' | ', 2) + 3);
    const at = lines.findIndex((line) => line.startsWith(start));
    const old = lines[at];
    if (old === undefined || old === row) continue;
    lines[at] = row;
    for (const [i, cell] of cellsOf(old).entries()) {
      const now = cellsOf(row)[i];
      if (now !== undefined && now !== cell) swaps.push([cell, now]);
    }
  }
  writeFileSync(files.task, lines.join('\n'));
  for (const file of files.others) rewrite(file, swaps.filter(isTelling));
}

/** The texts beside a task that may quote its figures. */
export function textsBeside(lab: { dir: string; solutionDir: string }): string[] {
  const notes = readdirSync(lab.solutionDir).filter((name) => name.endsWith('.md'));
  return [join(lab.dir, 'hints.md'), ...notes.map((name) => join(lab.solutionDir, name))];
}

/** A figure of three digits or more is not there by chance; "75 %" may be anything. */
function isTelling([old]: [string, string]): boolean {
  return old.replace(/\D/g, '').length >= 3;
}

export function cellsOf(row: string): string[] {
  return row.split('|').map((cell) => cell.trim());
}

/** Swaps whole phrases, all at once, so that one swap's new text is not another's old one. */
function rewrite(file: string, swaps: readonly (readonly [old: string, now: string])[]): void {
  if (swaps.length === 0) return;
  const nowOf = new Map(swaps.map(([old, now]) => [flat(old), now]));
  // A phrase may be broken over two lines, or have a part in bold.
  const pattern = [...nowOf.keys()]
    .sort((a, b) => b.length - a.length)
    .map(
      (old) =>
        `(?<![\\d.,])${old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '(?:\\s|\\*\\*)+')}(?![\\d]|[.,]\\d)`,
    );
  const text = readFileSync(file, 'utf8');
  const now = text.replace(new RegExp(pattern.join('|'), 'g'), (old) =>
    keepBreak(old, nowOf.get(flat(old)) ?? old),
  );
  writeFileSync(file, now);
}

function flat(text: string): string {
  return text.replaceAll('**', '').replace(/\s+/g, ' ');
}

/** Keeps a line that was broken broken, at the same word, and a word that was bold bold. */
function keepBreak(old: string, now: string): string {
  const words = old.split(/\s+/);
  const breaks = [...old.matchAll(/\s+/g)].flatMap(([gap], i) => (gap.includes('\n') ? [i] : []));
  const fresh = now.split(' ');
  if (fresh.length !== words.length) return now;
  return fresh
    .map(
      (word, i) =>
        boldAs(words[i] ?? '', word) + (i === fresh.length - 1 ? '' : breaks.includes(i) ? '\n' : ' '),
    )
    .join('');
}

function boldAs(old: string, now: string): string {
  const [before = ''] = /^\*\*/.exec(old) ?? [];
  const [after = ''] = /\*\*$/.exec(old) ?? [];
  return `${before}${now}${after}`;
}
