import wrapAnsi from 'wrap-ansi';

/** What a mistake's file says before its code, in words for the reader. */
export interface MistakeHeader {
  /** What the author of such code believes. */
  belief: string;
  /** What happens instead, where it can be seen. */
  effect: string;
  /** Title of the check that is the first to reject it. */
  rejectedBy: string;
  /** The file of the lab's solutions that it is a change of. Left out: the solution. */
  base?: string;
  /** Why it is kept as a whole file and not as a change. */
  whole?: string;
}

export type HeaderRead = { ok: true; header: MistakeHeader } | { ok: false; problem: string };

const KEYS: readonly (readonly [string, keyof MistakeHeader])[] = [
  ['Belief', 'belief'],
  ['Effect', 'effect'],
  ['Rejected by', 'rejectedBy'],
  ['Base', 'base'],
  ['Whole', 'whole'],
];
const NEEDED = ['Belief', 'Effect', 'Rejected by'];
const WIDTH = 100;

/** The header as lines of "Key: words", each continued with two blanks. */
export function printHeader(header: MistakeHeader): string {
  const lines = KEYS.flatMap(([key, field]) => {
    const words = header[field];
    if (words === undefined) return [];
    const [first = '', ...rest] = wrapAnsi(`${key}: ${words}`, WIDTH - 2).split('\n');
    return [first, ...rest.map((line) => `  ${line}`)];
  });
  return `${lines.join('\n')}\n`;
}

/** Reads a header that begins at that line of its file. What is missing, unknown or said twice is said with its line. */
export function parseHeader(text: string, firstLine = 1): HeaderRead {
  const header: Partial<MistakeHeader> = {};
  let field: keyof MistakeHeader | undefined;
  for (const [at, line] of text.trimEnd().split('\n').entries()) {
    const [, key, words = ''] = /^([A-Z][a-z ]+): (.*)$/.exec(line) ?? [];
    const known = KEYS.find(([name]) => name === key);
    if (known && header[known[1]] !== undefined)
      return { ok: false, problem: `line ${at + firstLine} says "${key}:" a second time` };
    if (known) {
      field = known[1];
      header[field] = words.trim();
    } else if (field && /^ {2}\S/.test(line)) {
      header[field] += ` ${line.trim()}`;
    } else {
      const names = KEYS.map(([name]) => `"${name}:"`).join(', ');
      return {
        ok: false,
        problem: `line ${at + firstLine} is "${line}", where one of ${names} should begin`,
      };
    }
  }
  const missing = KEYS.find(([key, name]) => NEEDED.includes(key) && !header[name]);
  if (missing) return { ok: false, problem: `it has no "${missing[0]}:" line` };
  return { ok: true, header: header as MistakeHeader };
}
