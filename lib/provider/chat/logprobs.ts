import { isUtf8 } from 'node:buffer';
import { type Random, randomFor } from '../random.ts';
import { type Encoding, ranksOf } from '../ranks.ts';
import type { ChatPiece, Logprob, TokenLogprob } from './pieces.ts';

/** The least likely that a chosen token is; what is left is shared among the others, each half of the one before. */
const LEAST = 0.55;

/**
 * The pieces of an answer with log probabilities, as they are asked for. They are drawn, by the place in the answer: the
 * shape is the vendor's, the figures mean nothing (illustrative). The others are tokens of the same answer.
 */
export function withLogprobs(
  pieces: readonly ChatPiece[],
  top: number,
  encoding: Encoding,
  key: readonly (string | number)[],
): ChatPiece[] {
  const words = [
    ...new Set(pieces.flatMap((piece) => (piece.tokens === 1 ? tokensOf(piece, encoding) : []))),
  ];
  return pieces.map((piece, place) => {
    if (piece.tool !== undefined) return piece;
    const random = randomFor(...key, 'logprobs', place);
    return {
      ...piece,
      logprobs: tokensOf(piece, encoding).map((token) => logprobOf(token, words, top, random)),
    };
  });
}

function logprobOf(token: string, words: readonly string[], top: number, random: Random): Logprob {
  const share = 1 - (1 - LEAST) * random.next() ** 3;
  const chosen = said(token, share);
  const from = random.int(Math.max(1, words.length));
  const others = words
    .map((_, i) => words[(from + i) % words.length] as string)
    .filter((word) => word !== token)
    .slice(0, Math.max(0, top - 1))
    .map((word, i) => said(word, (1 - share) / 2 ** (i + 1)));
  return { ...chosen, top_logprobs: top > 0 ? [chosen, ...others] : [] };
}

function said(token: string, share: number): TokenLogprob {
  const bytes = Buffer.from(token, 'latin1');
  // A part of a character has no text: the vendor shows its bytes.
  const shown = isUtf8(bytes)
    ? bytes.toString()
    : [...bytes].map((byte) => `\\x${byte.toString(16)}`).join('');
  return {
    token: isUtf8(bytes) ? shown : `bytes:${shown}`,
    logprob: Math.round(Math.log(share) * 1e6) / 1e6,
    bytes: [...bytes],
  };
}

/** The bytes of each token of a piece, one character each. */
function tokensOf({ text, tokens }: ChatPiece, encoding: Encoding): string[] {
  const parts = Buffer.from(text).toString('latin1').split('');
  if (tokens === 1) return [parts.join('')];
  const ranks = ranksOf(encoding);
  while (parts.length > tokens) {
    const joined = parts.slice(1).map((part, i) => ranks.get(parts[i] + part) ?? Number.POSITIVE_INFINITY);
    const at = joined.indexOf(Math.min(...joined));
    parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
  }
  return parts;
}

/** Those of all pieces, or undefined where none were asked for. */
export function logprobsOf(pieces: readonly ChatPiece[]): Logprob[] | undefined {
  return pieces.some(({ logprobs }) => logprobs)
    ? pieces.flatMap(({ logprobs = [] }) => logprobs)
    : undefined;
}
