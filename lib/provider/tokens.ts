import { createRequire } from 'node:module';
import { countInSteps, countTokensOf, type Ranks, readRanks } from './byte-pairs.ts';
import known from './known-pieces.json' with { type: 'json' };
import { rememberTexts } from './memo.ts';

export type Encoding = 'o200k_base' | 'cl100k_base';

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

const loaded = new Map<Encoding, Ranks>();
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
/** Long texts that were read ahead and are still to be used, by encoding and text. */
const longTexts = new Map<string, { tokens: number; pieces: readonly Piece[] }>();

function readAlready(text: string, encoding: Encoding) {
  return text.length < LONG_TEXT || longTexts.size === 0 ? undefined : longTexts.get(encoding + text);
}

/** Pieces that are counted between two pauses. */
const PIECES_A_STEP = 2000;

/**
 * Splits and counts a long text with a pause after each few milliseconds, so that others get their turn. Until the returned
 * function is called, `countTokens` and `splitIntoPieces` have its result at hand.
 */
export async function readAhead(
  text: string,
  encoding: Encoding,
  pause: () => Promise<void>,
): Promise<() => void> {
  const pieces: Piece[] = [];
  let tokens = 0;
  for (const [piece] of text.matchAll(PATTERNS[encoding])) {
    const count = await countPieceAhead(piece, encoding, pause);
    pieces.push({ text: piece, tokens: count });
    tokens += count;
    if (pieces.length % PIECES_A_STEP === 0) await pause();
  }
  longTexts.set(encoding + text, { tokens, pieces });
  return () => void longTexts.delete(encoding + text);
}

function countPieceAhead(
  piece: string,
  encoding: Encoding,
  pause: () => Promise<void>,
): number | Promise<number> {
  if (piece.length <= LONGEST_REMEMBERED) return countPiece(piece, encoding);
  return (async () => {
    const steps = countInSteps(Buffer.from(piece).toString('latin1'), ranksOf(encoding));
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      await pause();
    }
  })();
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

export interface CountedMessage {
  role: string;
  content?: unknown;
  name?: string | undefined;
  tool_calls?: readonly { type?: string; function?: { name: string; arguments: string } }[] | undefined;
}

/** Tokens that prime the answer, once a request. */
export const REPLY_TOKENS = 3;
/** What a tool call in the history costs beside its name and arguments. */
const TOOL_CALL_TOKENS = 4;

/**
 * What a list of chat messages is billed as: 3 tokens a message, its role and content, 1 for a name, and 3 that prime
 * the answer. Source: OpenAI cookbook, "How to count tokens with tiktoken".
 */
export function countChatTokens(
  messages: readonly CountedMessage[],
  encoding: Encoding = 'o200k_base',
): number {
  let total = REPLY_TOKENS;
  for (const { role, content, name, tool_calls = [] } of messages) {
    total += 3 + countPiece(role, encoding) + countTokens(textOf(content), encoding);
    if (name !== undefined) total += 1 + countTokens(name, encoding);
    for (const call of tool_calls) {
      const { name = '', arguments: args = '' } = call.function ?? {};
      total += TOOL_CALL_TOKENS + countTokens(name, encoding) + countTokens(args, encoding);
    }
  }
  return total;
}

/** The text that tokens stand for; undefined where one of them stands for nothing. */
export function decodeTokens(tokens: readonly number[], encoding: Encoding): string | undefined {
  const known = bytesByRank(encoding);
  const bytes = tokens.map((token) => known[token]);
  return bytes.includes(undefined) ? undefined : Buffer.from(bytes.join(''), 'latin1').toString();
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

/** Reading the ranks takes a tenth of a second, so it is done once, and without yielding to the clock. */
function ranksOf(encoding: Encoding): Ranks {
  let ranks = loaded.get(encoding);
  if (!ranks) {
    const file: { bpe_ranks: string } = createRequire(import.meta.url)(`tiktoken/encoders/${encoding}.json`);
    ranks = readRanks(file.bpe_ranks);
    loaded.set(encoding, ranks);
  }
  return ranks;
}

const decoders = new Map<Encoding, (string | undefined)[]>();

function bytesByRank(encoding: Encoding): readonly (string | undefined)[] {
  let bytes = decoders.get(encoding);
  if (!bytes) {
    bytes = [];
    for (const [text, rank] of ranksOf(encoding)) bytes[rank] = text;
    decoders.set(encoding, bytes);
  }
  return bytes;
}
