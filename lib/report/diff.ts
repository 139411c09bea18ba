import { diffArrays } from 'diff';
import type { Style } from './style.ts';

/** The lines of two texts, marked: "-" only in the first, "+" only in the second. */
export function diffLines(before: string, after: string, style: Style): string[] {
  return diffArrays(linesOf(before), linesOf(after)).flatMap(({ value, added, removed }) => {
    if (removed) return value.map((line) => style.paint('red', `- ${line}`));
    return value.map((line) => (added ? style.paint('green', `+ ${line}`) : `  ${line}`));
  });
}

function linesOf(text: string): string[] {
  return text.replaceAll('\r\n', '\n').trimEnd().split('\n');
}
