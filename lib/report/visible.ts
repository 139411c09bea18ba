// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are the characters that it is about.
const COLOUR = /(\u001b\[[0-9;]*m)/;
/** What a terminal obeys or does not show: C0 but line end and tab, DEL, C1, and marks that turn the writing round. */
const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above.
const RESET = '\u001b[0m';

/**
 * A text of somebody else's with its control characters made visible: ESC as ␛, the others as ␀ to ␟ or as "\u{9b}".
 * Colours stay where `colours` says that the terminal shows them, and end with their line.
 */
export function visible(text: string, colours = false): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  return lines.map((line) => (colours && COLOUR.test(line) ? coloured(line) : plain(line))).join('\n');
}

/** The same for every text in a value, however deep. */
export function allVisible<T>(value: T, colours = false): T {
  if (typeof value === 'string') return visible(value, colours) as T;
  if (Array.isArray(value)) return value.map((each) => allVisible(each, colours)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, allVisible(each, colours)]);
  return Object.fromEntries(entries) as T;
}

/** A value as JSON that a terminal shows as it is: JSON itself escapes no more than C0. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

function coloured(line: string): string {
  const pieces = line.split(COLOUR).map((piece, at) => (at % 2 === 1 ? piece : plain(piece)));
  return pieces.join('') + RESET;
}

function plain(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '␡' : `\\u{${code.toString(16)}}`;
  });
}
