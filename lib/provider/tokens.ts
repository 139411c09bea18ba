import { countInSteps, countTokensOf } from './byte-pairs.ts';
import known from './known-pieces.json' with { type: 'json' };
import { rememberTexts } from './memo.ts';
import { type Encoding, ranksOf } from './ranks.ts';
import type { Steps } from './steps.ts';

export type { Encoding };

/** A stretch of text that the tokenizer never merges with its neighbours, and how many tokens it makes. */
export interface Piece {
  text: string;
  tokens: number;
}

/**
 * How each encoding splits text before it merges bytes (the patterns of OpenAI's tiktoken, written out for JavaScript,
 * which has no inline case flag, and whose `\s` counts U+FEFF as space but not U+0085: Rust's does the opposite). Merges
 * never cross these borders, so the count of a text is the sum of the counts of its pieces.
 */
const SPACE = '\\p{White_Space}';
const CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const PATTERNS: Record<Encoding, RegExp> = {
  o200k_base: new RegExp(
    [
      `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${CONTRACTION}?`,
      `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${CONTRACTION}?`,
      '\\p{N}{1,3}',
      ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n/]*`,
      `${SPACE}*[\\r\\n]+`,
      `${SPACE}+(?!\\P{White_Space})`,
      `${SPACE}+`,
    ].join('|'),
    'gu',
  ),
  cl100k_base: new RegExp(
    [
      CONTRACTION,
      '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+',
      '\\p{N}{1,3}',
      ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n]*`,
      `${SPACE}*[\\r\\n]+`,
      `${SPACE}+(?!\\P{White_Space})`,
      `${SPACE}+`,
    ].join('|'),
    'gu',
  ),
};

/** A piece longer than this is counted each time rather than remembered. */
const LONGEST_REMEMBERED = 96;
const MOST_REMEMBERED = 100_000;
/** Prompts and answers come again: as retries, as history, as the next request with the same instructions. */
const TEXTS = { mostChars: 2_000_000, longest: 100_000 };

/**
 * Counts that need no ranks. The file holds the pieces that the course's own texts are made of, as tiktoken counts
 * them; without it every lab would start by reading the ranks. A piece that is missing only costs that time.
 */
const counts: Record<Encoding, Map<string, number>> = {
  o200k_base: new Map(Object.entries(known.o200k_base)),
  cl100k_base: new Map(),
};
/** Up to three digits are one piece and one token in both encodings. */
const DIGITS = /^[0-9]{1,3}$/;

/** How many tokens the text makes: exactly what tiktoken counts. Special tokens are counted as plain text. */
export function countTokens(text: string, encoding: Encoding = 'o200k_base'): number {
  return readAlready(text, encoding)?.tokens ?? countText[encoding](text);
}

/** The text as pieces with their token counts, in order: the units in which an answer is streamed. */
export function splitIntoPieces(text: string, encoding: Encoding = 'o200k_base'): readonly Piece[] {
  return readAlready(text, encoding)?.pieces ?? splitText[encoding](text);
}

/** A text from this length on takes longer than a server should keep its other clients waiting. */
export const LONG_TEXT = 20_000;
/** Texts of long requests that were read ahead and are still to be used, by encoding. */
const ahead = { o200k_base: new Map<string, Read>(), cl100k_base: new Map<string, Read>() };

interface Read {
  tokens: number;
  /** Of a text that no model reads whole, nobody asks for the pieces. */
  pieces: readonly Piece[] | undefined;
  /** How many requests are still to use it. */
  users: number;
}

/** Pieces are kept up to this many: more tokens than any model reads. */
const MOST_PIECES = 1_500_000;

function readAlready(text: string, encoding: Encoding): Read | undefined {
  return ahead[encoding].size === 0 ? undefined : ahead[encoding].get(text);
}

/** Pieces that are counted between two steps. */
const PIECES_A_STEP = 200;

/**
 * Splits and counts the texts of a long request in steps. Until the returned function is called, `countTokens` and
 * `splitIntoPieces` have the results at hand.
 */
export function* readAhead(texts: Iterable<string>, encoding: Encoding): Steps<() => void> {
  const known = ahead[encoding];
  const used = new Set<string>();
  for (const text of texts) {
    if (used.has(text)) continue;
    used.add(text);
    const read = known.get(text) ?? { users: 0, ...(yield* splitInSteps(text, encoding)) };
    read.users += 1;
    known.set(text, read);
    yield;
  }
  return () => {
    for (const text of used) {
      const read = known.get(text);
      if (!read) continue;
      read.users -= 1;
      if (read.users === 0) known.delete(text);
    }
  };
}

function* splitInSteps(text: string, encoding: Encoding): Steps<Pick<Read, 'tokens' | 'pieces'>> {
  let pieces: Piece[] | undefined = [];
  let count = 0;
  let tokens = 0;
  for (const [piece] of text.matchAll(PATTERNS[encoding])) {
    const isLong = piece.length > LONGEST_REMEMBERED;
    const more = isLong ? yield* countLong(piece, encoding) : countPiece(piece, encoding);
    tokens += more;
    count += 1;
    if (count > MOST_PIECES) pieces = undefined;
    pieces?.push({ text: piece, tokens: more });
    if (count % PIECES_A_STEP === 0) yield;
  }
  return { tokens, pieces };
}

function* countLong(piece: string, encoding: Encoding): Steps<number> {
  yield;
  const bytes = Buffer.from(piece).toString('latin1');
  yield;
  return yield* countInSteps(bytes, ranksOf(encoding));
}

const countText = perEncoding((encoding) =>
  rememberTexts((text) => {
    let total = 0;
    for (const piece of text.match(PATTERNS[encoding]) ?? []) total += countPiece(piece, encoding);
    return total;
  }, TEXTS),
);

const splitText = perEncoding((encoding) => {
  // Pieces are shared between the texts that they occur in.
  const pieceOf = rememberTexts(
    (piece): Piece => Object.freeze({ text: piece, tokens: countPiece(piece, encoding) }),
    { mostChars: 500_000, longest: LONGEST_REMEMBERED },
  );
  return rememberTexts((text) => (text.match(PATTERNS[encoding]) ?? []).map(pieceOf), TEXTS);
});

function perEncoding<T>(make: (encoding: Encoding) => T): Record<Encoding, T> {
  return { o200k_base: make('o200k_base'), cl100k_base: make('cl100k_base') };
}

/** The text of a message's content, which is a string or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}

/** The pieces counted so far, for writing `known-pieces.json` anew. */
export function countedPieces(encoding: Encoding): ReadonlyMap<string, number> {
  return counts[encoding];
}

function countPiece(piece: string, encoding: Encoding): number {
  if (DIGITS.test(piece)) return 1;
  const known = counts[encoding].get(piece);
  if (known !== undefined) return known;
  const count = countTokensOf(Buffer.from(piece).toString('latin1'), ranksOf(encoding));
  if (piece.length <= LONGEST_REMEMBERED && counts[encoding].size < MOST_REMEMBERED)
    counts[encoding].set(piece, count);
  return count;
}
