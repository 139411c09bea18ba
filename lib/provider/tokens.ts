import { createRequire } from 'node:module';
import { countInSteps, countTokensOf, type Ranks, readRanks } from './byte-pairs.ts';
import known from './known-pieces.json' with { type: 'json' };
import { rememberTexts } from './memo.ts';
import { atOnce, type Steps } from './steps.ts';

const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;
export type Encoding = (typeof ENCODINGS)[number];

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
  const known = decoders.get(encoding) ?? atOnce(loadDecoder(encoding));
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

function ranksOf(encoding: Encoding): Ranks {
  return loaded.get(encoding) ?? atOnce(loadRanks(encoding));
}

const loading = new Map<Encoding, Steps<Ranks>>();

/**
 * Reads the ranks of an encoding, which takes half a second, once. All who ask while they are being read go on with the
 * same reading.
 */
export function* loadRanks(encoding: Encoding): Steps<Ranks> {
  for (let ranks = loaded.get(encoding); ; ranks = loaded.get(encoding)) {
    if (ranks) return ranks;
    const reading = loading.get(encoding) ?? readRankFile(encoding);
    loading.set(encoding, reading);
    const step = reading.next();
    if (step.done) {
      loading.delete(encoding);
      loaded.set(encoding, step.value);
    }
    yield;
  }
}

function* readRankFile(encoding: Encoding): Steps<Ranks> {
  const file: { bpe_ranks: string } = createRequire(import.meta.url)(`tiktoken/encoders/${encoding}.json`);
  yield;
  return yield* readRanks(file.bpe_ranks);
}

/** For servers, so that no request has to wait for it. */
export function* loadAllRanks(): Steps<void> {
  for (const encoding of ENCODINGS) {
    yield* loadDecoder(encoding);
  }
}

export function ranksAreLoaded(): boolean {
  return ENCODINGS.every((encoding) => loaded.has(encoding));
}

const decoders = new Map<Encoding, readonly (string | undefined)[]>();

/** What decodes tokens. Reading it takes some milliseconds more. */
export function* loadDecoder(encoding: Encoding): Steps<readonly (string | undefined)[]> {
  const known = decoders.get(encoding);
  if (known) return known;
  const ranks = yield* loadRanks(encoding);
  const bytes: (string | undefined)[] = [];
  for (const [text, rank] of ranks) {
    while (bytes.length < rank) bytes.push(undefined);
    bytes.push(text);
    if (rank % 1000 === 0) yield;
  }
  decoders.set(encoding, bytes);
  return bytes;
}
