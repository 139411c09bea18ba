import type { Style } from './style.ts';
import { columns, widthOf, wrap } from './text.ts';

/** Markdown as a terminal shows it: headings bold, code indented, paragraphs wrapped, links with their address. */
export function renderMarkdown(markdown: string, style: Style): string {
  const width = Math.min(style.width, 100);
  const lines: string[] = [];
  let paragraph: string[] = [];
  let table: string[] = [];
  let fenced = false;
  const flush = () => {
    if (paragraph.length > 0) lines.push(block(paragraph, width, style));
    paragraph = [];
    if (table.length > 0) lines.push(...renderTable(table, width, style));
    table = [];
  };
  for (const line of markdown.replaceAll('\r\n', '\n').split('\n')) {
    if (line.startsWith('```')) {
      flush();
      fenced = !fenced;
    } else if (fenced) {
      lines.push(style.paint('cyan', `    ${line}`));
    } else if (/^#{1,6} /.test(line)) {
      flush();
      lines.push(style.paint('bold', line.replace(/^#+ /, '')));
    } else if (/^\s*\|/.test(line)) {
      if (table.length === 0) flush();
      table.push(line);
    } else if (line.trim() === '' || /^ {4}/.test(line)) {
      flush();
      lines.push(line);
    } else {
      if (/^\s*([-*]|\d+\.) /.test(line)) flush();
      paragraph.push(line);
    }
  }
  flush();
  // Blank lines at either end go; the indentation of a first line that is code stays.
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '')
    .trimEnd();
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** A table without its frame: aligned columns, head first. Where it is too wide, the widest column is wrapped. */
function renderTable(rows: string[], width: number, style: Style): string[] {
  const cells = rows
    .filter((row) => !/^[\s|:-]+$/.test(row))
    .map((row) =>
      row
        .trim()
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => inline(cell.trim(), style)),
    );
  const widest = (at: number, parts: (cell: string) => string[]) =>
    Math.max(...cells.flatMap((row) => parts(row[at] ?? '').map(widthOf)));
  const widths = (cells[0] ?? []).map((_, at) => widest(at, (cell) => [cell]));
  const least = widths.map((_, at) => widest(at, (cell) => cell.split(' ')));
  for (let over = widths.reduce((sum, each) => sum + each + 2, 0) - width; over > 0; over -= 1) {
    const room = widths.map((each, at) => each - (least[at] ?? 0));
    const at = room.indexOf(Math.max(...room));
    if ((room[at] ?? 0) > 0) widths[at] = (widths[at] ?? 0) - 1;
  }
  const lines = cells.flatMap((row, at) => {
    const parts = widths.map((each, i) => wrap(row[i] ?? '', each).split('\n'));
    const high = Math.max(...parts.map((part) => part.length));
    return Array.from({ length: high }, (_, i) =>
      parts.map((part) => (at === 0 ? style.paint('dim', part[i] ?? '') : (part[i] ?? ''))),
    );
  });
  return columns(lines).map((line) => `  ${line}`);
}

function block(paragraph: string[], width: number, style: Style): string {
  const text = paragraph.map((line) => line.trim()).join(' ');
  const [, bullet, rest] = /^([-*]|\d+\.) (.*)$/.exec(text) ?? [];
  if (bullet === undefined) return inline(wrap(text, width), style);
  const indent = ' '.repeat(bullet.length + 3);
  const wrapped = wrap(rest ?? '', width, indent);
  return inline(`  ${bullet} ${wrapped.slice(indent.length)}`, style);
}

function inline(text: string, style: Style): string {
  return text
    .replace(/\[([^\]]+)\]\((https?:[^)]+)\)/g, (_, label, address) => `${label} (${address})`)
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replace(/(?<!\*)\*([^*\s][^*]*)\*(?!\*)/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, (_, words) => style.paint('bold', words))
    .replace(/`([^`]+)`/g, (_, code) => style.paint('cyan', code));
}
