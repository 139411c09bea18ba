import type { Random } from '../random.ts';

/**
 * A text that matches a pattern, as strict outputs must; undefined where the pattern has what is not known here (look-around,
 * back references, Unicode properties). What comes out is tried against the pattern itself.
 */
export function textFor(pattern: string, random: Random): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return undefined;
  try {
    const matches = new RegExp(pattern, 'u');
    const reader = { pattern, at: 0, depth: 0 };
    const parts = readChoice(reader);
    if (reader.at < pattern.length) return undefined;
    const text = parts(random);
    return matches.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST_PATTERN = 500;
/** How often more than its least a part without an upper bound is repeated, at most. */
const MORE = 4;
const MOST_REPEATS = 200;

type Make = (random: Random) => string;

interface Reader {
  pattern: string;
  at: number;
  depth: number;
}

function readChoice(reader: Reader): Make {
  const branches = [readSequence(reader)];
  while (reader.pattern[reader.at] === '|') {
    reader.at += 1;
    branches.push(readSequence(reader));
  }
  return (random) => random.pick(branches)(random);
}

function readSequence(reader: Reader): Make {
  const parts: Make[] = [];
  while (reader.at < reader.pattern.length && !'|)'.includes(reader.pattern[reader.at] as string))
    parts.push(repeated(readPart(reader), reader));
  return (random) => parts.map((part) => part(random)).join('');
}

function readPart(reader: Reader): Make {
  const sign = reader.pattern[reader.at] as string;
  reader.at += 1;
  if (sign === '^' || sign === '$') return () => '';
  if (sign === '.') return pickFrom(WORD);
  if (sign === '[') return readClass(reader);
  if (sign === '\\') return readEscape(reader);
  if (sign !== '(') return () => sign;
  const [group] = /^\?(?::|<\w+>)/.exec(reader.pattern.slice(reader.at)) ?? [];
  reader.at += group?.length ?? 0;
  if (reader.pattern[reader.at] === '?') throw new Error('look-around');
  const inside = readChoice(reader);
  reader.at += 1;
  return inside;
}

function repeated(part: Make, reader: Reader): Make {
  const [whole = '', sign, from, comma, to] =
    /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(reader.pattern.slice(reader.at)) ?? [];
  reader.at += whole.length;
  if (whole === '') return part;
  const least = sign ? (sign === '+' ? 1 : 0) : Number(from);
  const most = sign ? (sign === '?' ? 1 : least + MORE) : comma ? (to ? Number(to) : least + MORE) : least;
  return (random) => {
    const count = Math.min(least + random.int(most - least + 1), MOST_REPEATS);
    return Array.from({ length: count }, () => part(random)).join('');
  };
}

const DIGITS = [...'0123456789'];
const WORD = [...'abcdefghijklmnopqrstuvwxyz', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', ...DIGITS, '_'];
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const CLASSES: Record<string, readonly string[]> = {
  d: DIGITS,
  w: WORD,
  s: [' '],
  D: PRINTABLE.filter((sign) => !DIGITS.includes(sign)),
  W: PRINTABLE.filter((sign) => !WORD.includes(sign)),
  S: PRINTABLE.slice(1),
};
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t' };

function readEscape(reader: Reader): Make {
  const sign = reader.pattern[reader.at] as string;
  reader.at += 1;
  if (CLASSES[sign]) return pickFrom(CLASSES[sign]);
  if (/[bBpPu1-9k]/.test(sign)) throw new Error('not known here');
  return () => CONTROLS[sign] ?? sign;
}

function readClass(reader: Reader): Make {
  const end = /^\^?(?:\\.|[^\]\\])*/.exec(reader.pattern.slice(reader.at))?.[0] ?? '';
  reader.at += end.length + 1;
  // The class itself says which signs belong to it.
  const belongs = new RegExp(`[${end}]`, 'u');
  const signs = PRINTABLE.filter((sign) => belongs.test(sign));
  if (signs.length === 0) throw new Error('nothing printable');
  return pickFrom(signs);
}

function pickFrom(signs: readonly string[]): Make {
  return (random) => random.pick(signs);
}
