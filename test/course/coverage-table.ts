/** One reference of a row: a link and a title in what it leads to, or the word `command` and a command. */
export interface Reference {
  /** Label of the link; `command` where there is none. */
  place: string;
  /** Path of the file that the link leads to. */
  file: string | undefined;
  title: string;
}

export interface CoverageRow {
  document: string;
  name: string;
  line: number;
  references: Reference[];
}

const DIVIDER = /^\|(\s*:?-+:?\s*\|)+$/;

/**
 * The rows of a Markdown file whose tables have three columns: a name, places, titles. Places and titles stand one to one,
 * with a line break between them. Throws where a line of a table is none of that.
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

function readRow(text: string, line: number, document: string): CoverageRow {
  const cells = text
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
  const [name = '', places = '', titles = ''] = cells;
  if (cells.length !== 3 || cells.includes(''))
    throw new Error(`Line ${line} should have a name, a place and a title, and has: ${text}`);
  const [where, what] = [places.split('<br>'), titles.split('<br>')];
  if (where.length !== what.length)
    throw new Error(`Line ${line} has ${where.length} places and ${what.length} titles: ${text}`);
  const references = where.map((place, i) => readReference(place, what[i] ?? '', line));
  return { document, name, line, references };
}

function readReference(place: string, title: string, line: number): Reference {
  if (title === '') throw new Error(`Line ${line} has an empty title.`);
  if (place === 'command') return { place, file: undefined, title: title.replaceAll('`', '') };
  const [, label, file] = /^\[(.+)\]\((.+)\)$/.exec(place) ?? [];
  if (!label || !file)
    throw new Error(`Line ${line} has the place "${place}"; it takes a link or "command".`);
  return { place: label, file, title };
}
