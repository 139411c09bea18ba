import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns that a text takes on the screen. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Breaks a text at spaces so that no line is wider than `width`; every line starts with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const room = Math.max(indent === '' ? 1 : 20, width - widthOf(indent));
  const lines = wrapAnsi(text.trim().replace(/\s+/g, ' '), room).split('\n');
  return lines.map((line) => indent + line).join('\n');
}

/** Rows of cells as aligned columns; `right` tells which columns are aligned to the right. */
export function columns(rows: readonly (readonly string[])[], right: readonly boolean[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (right[at] ? padStart(cell, widths[at] ?? 0) : padEnd(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
