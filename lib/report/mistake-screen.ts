import { type Mistake, shownDiff } from '../workbook/mistakes.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/** A mistake as a person reads it: what its author believed, the change, what happens, and what catches it. */
export function mistakeScreen(mistake: Mistake, style: Style): string {
  const { name, belief, effect, rejectedBy, diff, text } = mistake;
  return [
    style.paint('bold', name),
    labelled('Its author believed', belief, style),
    diff === '' ? codeOf(text) : diffScreen(shownDiff(mistake), style),
    labelled('What happens', effect, style),
    labelled('The check that catches it', rejectedBy, style),
  ].join('\n\n');
}

/** What happens, and what catches it, for a reader who has seen the change. */
export function mistakeWords({ belief, effect }: Mistake, style: Style, happens = 'What happens'): string {
  return [labelled('Its author believed', belief, style), labelled(happens, effect, style)].join('\n');
}

/** A unified diff in colours. Without them "-" and "+" say the same. */
export function diffScreen(diff: string, style: Style): string {
  return diff
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => {
      if (line.startsWith('@@')) return style.paint('cyan', line);
      if (line.startsWith('-')) return style.paint('red', line);
      return line.startsWith('+') ? style.paint('green', line) : line;
    })
    .join('\n');
}

function labelled(label: string, words: string, style: Style): string {
  return wrap(`${style.paint('bold', `${label}:`)} ${words}`, style.width);
}

/** The code of a whole file, without the comment that holds its header. */
function codeOf(text: string): string {
  return text.replace(/^\/\*\n[\s\S]*?\n \*\/\n+/, '').trimEnd();
}
