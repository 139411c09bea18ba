import type { Mistake } from '../../lib/workbook/mistakes.ts';

/** One reference of a row: a link and a title in what it leads to, or the word `command` and a command. */
export interface Reference {
  /** Label of the link; `command` where there is none. */
  place: string;
  /** Path of the file that the link leads to. */
  file: string | undefined;
  title: string;
}

/** How a row is held: by mistakes that are rejected, by what the course itself does, or by words alone. */
export interface Held {
  how: 'graded' | 'given' | 'taught';
  /** Names of mistakes; none unless graded. */
  mistakes: string[];
}

export interface CoverageRow {
  document: string;
  name: string;
  line: number;
  references: Reference[];
  held: Held;
}

/** The place of a check: the name of its lab. */
export const LAB = /^day\d+\.\d+$/;

const DIVIDER = /^\|(\s*:?-+:?\s*\|)+$/;

/**
 * The rows of a Markdown file whose tables have four columns: a name, places, titles, how it is held. Places and titles stand
 * one to one, with a line break between them. Throws where a line of a table is none of that.
 */
export function readCoverage(markdown: string): CoverageRow[] {
  const rows: CoverageRow[] = [];
  const lines = markdown.split('\n');
  let document = '';
  lines.forEach((text, i) => {
    document = /^## (.+)$/.exec(text)?.[1] ?? document;
    if (!text.startsWith('|') || DIVIDER.test(text) || DIVIDER.test(lines[i + 1] ?? '')) return;
    rows.push(readRow(text, i + 1, document));
  });
  return rows;
}

/** Why the mistakes of a graded row do not hold it, in a sentence each. `mistakesOf` takes the name of a lab. */
export function gradedInVain(
  { line, references, held }: CoverageRow,
  mistakesOf: (lab: string) => readonly Pick<Mistake, 'name' | 'rejectedBy'>[],
): string[] {
  if (held.how !== 'graded') return [];
  const checks = references.filter(({ place }) => LAB.test(place));
  if (checks.length === 0) return [`line ${line} is graded and names no check of a lab`];
  const named = [...new Set(checks.map(({ place }) => place))];
  return held.mistakes.flatMap((name) => {
    const found = named.flatMap((lab) =>
      mistakesOf(lab).flatMap((it) => (it.name === name ? [{ lab, rejectedBy: it.rejectedBy }] : [])),
    );
    if (found.length === 0) return [`line ${line}: there is no mistake "${name}" in ${named.join(', ')}`];
    if (checks.some(({ place, title }) => found.some((it) => it.lab === place && it.rejectedBy === title)))
      return [];
    const others = found.map(({ lab, rejectedBy }) => `${lab} rejects it by "${rejectedBy}"`).join(', ');
    return [`line ${line} does not name the check that rejects "${name}": ${others}`];
  });
}

function readRow(text: string, line: number, document: string): CoverageRow {
  const cells = text
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
  const [name = '', places = '', titles = '', held = ''] = cells;
  if (cells.length !== 4 || cells.includes(''))
    throw new Error(`Line ${line} should have a name, a place, a title and how it is held, and has: ${text}`);
  const [where, what] = [places.split('<br>'), titles.split('<br>')];
  if (where.length !== what.length)
    throw new Error(`Line ${line} has ${where.length} places and ${what.length} titles: ${text}`);
  const references = where.map((place, i) => readReference(place, what[i] ?? '', line));
  return { document, name, line, references, held: readHeld(held, line) };
}

function readHeld(text: string, line: number): Held {
  const [, how = '', mistakes] = /^(given|taught|graded: (.+))$/.exec(text) ?? [];
  if (how === 'given' || how === 'taught') return { how, mistakes: [] };
  if (!mistakes)
    throw new Error(
      `Line ${line} is held "${text}"; it takes "given", "taught", or "graded: " and a mistake.`,
    );
  return { how: 'graded', mistakes: mistakes.split('<br>') };
}

function readReference(place: string, title: string, line: number): Reference {
  if (title === '') throw new Error(`Line ${line} has an empty title.`);
  if (place === 'command') return { place, file: undefined, title: title.replaceAll('`', '') };
  const [, label, file] = /^\[(.+)\]\((.+)\)$/.exec(place) ?? [];
  if (!label || !file)
    throw new Error(`Line ${line} has the place "${place}"; it takes a link or "command".`);
  return { place: label, file, title };
}
