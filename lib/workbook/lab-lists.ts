import { existsSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { mistakeFiles } from './mistakes.ts';
import { allLabs, type Day, type Lab, type Workbook } from './workbook.ts';

/** A page that lists labs, as it should be. */
export interface ListPage {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
}

/**
 * The pages whose lists of labs are not what the folders say, each with the text that it should have: the table at the
 * end of a day's lesson, the counts in README.md, and COVERAGE.md for labs that nothing there names.
 */
export function outdatedLists(workbook: Workbook): ListPage[] {
  const pages: [path: string, update: (text: string) => string][] = [
    ...workbook.days.map((day): [string, (text: string) => string] => [
      `days/${day.slug}/README.md`,
      (text) => withLabTable(text, day),
    ]),
    ['README.md', (text) => withCounts(text, workbook)],
    ['COVERAGE.md', (text) => withUnnamed(text, allLabs(workbook))],
  ];
  return pages.flatMap(([path, update]) => {
    const full = join(workbook.root, path);
    if (!existsSync(full)) return [];
    const text = readFileSync(full, 'utf8');
    const updated = update(text);
    return updated === text ? [] : [{ path, text: updated }];
  });
}

/** Heading of the labs that come from none of the documents. */
export const OWN_LABS = 'Of its own';

// --- helpers -----------------------------------------------------------------------------------------------------

const TABLE_HEAD = '| | lab | lane | minutes |\n| --- | --- | --- | --- |\n';

function withLabTable(text: string, day: Day): string {
  const rows = day.labs.map(
    ({ id, title, slug, lane, minutes }) =>
      `| ${id.split('.')[1]} | [${title}](${slug}/README.md) | ${lane} | ${minutes} |\n`,
  );
  const at = text.indexOf(TABLE_HEAD);
  if (at < 0) return `${text.trimEnd()}\n\n## The labs\n\n${TABLE_HEAD}${rows.join('')}`;
  const [old = ''] = /^(\|.*\n)*/.exec(text.slice(at + TABLE_HEAD.length)) ?? [];
  return text.slice(0, at) + TABLE_HEAD + rows.join('') + text.slice(at + TABLE_HEAD.length + old.length);
}

function withCounts(text: string, { days }: Workbook): string {
  return days.reduce((updated, { slug, labs }) => {
    const row = new RegExp(`^(\\|.*\\(days/${slug}/README\\.md\\).*\\| )\\d+ \\|$`, 'm');
    return updated.replace(row, (_, start: string) => `${start}${labs.length} |`);
  }, text);
}

function withUnnamed(text: string, labs: readonly Lab[]): string {
  const rows = labs
    .filter(({ id }) => !text.includes(`[${id}](`))
    .map((lab) => `| ${lab.title} | [${lab.id}](days/${lab.key}/README.md) | ${firstCheck(lab)} |\n`);
  if (rows.length === 0) return text;
  const isNew = !text.includes(`\n## ${OWN_LABS}\n`);
  const head = `\n## ${OWN_LABS}\n\nLabs that none of the documents asks for.\n\n| called there | where | check, heading, test, question or command | held |\n| --- | --- | --- | --- |\n`;
  return `${text.trimEnd()}\n${isNew ? head : ''}${rows.join('')}`;
}

/** The title of a lab's first check, as it stands in the file, and a mistake that it rejects. */
function firstCheck(lab: Lab): string {
  const text = existsSync(lab.checkFile) ? readFileSync(lab.checkFile, 'utf8') : '';
  const title = /\bcheck\(\s*(['`])(.+?)\1/.exec(text)?.[2] ?? 'TODO: the title of a check';
  const mistake = mistakeFiles(lab).find((file) =>
    readFileSync(file, 'utf8').includes(`Rejected by: ${title}\n`),
  );
  const held = mistake
    ? `graded: ${parse(mistake).name}`
    : 'TODO: "graded: " and a mistake that this check rejects';
  return `${title} | ${held}`;
}
