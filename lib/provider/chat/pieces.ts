import type { Model } from '../models.ts';
import type { Said } from '../text.ts';
import { countTokens, type Piece, splitIntoPieces } from '../tokens.ts';
import type { WrittenAnswer } from '../written.ts';
import type { ChatBody } from './chat-body.ts';

/** A stretch of an answer: of its text, or of one of its tool calls. */
export interface ChatPiece extends Piece {
  /** Which tool call it belongs to; undefined for text. */
  tool?: number;
  refusal?: true;
  /** Of its tokens, where they were asked for. */
  logprobs?: readonly Logprob[];
}

/** One token and how likely the model found it: the natural logarithm of a probability. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  /** Of its text as UTF-8. */
  bytes: number[];
}

export interface Logprob extends TokenLogprob {
  /** The likeliest at this place, itself among them, likeliest first. */
  top_logprobs: TokenLogprob[];
}

/** A tool call costs a few tokens beside its name and arguments. */
const TOOL_CALL_TOKENS = 4;

export function piecesOf(
  { content = '', toolCalls = [], refusal }: WrittenAnswer,
  { encoding }: Model,
): ChatPiece[] {
  if (refusal !== undefined)
    return splitIntoPieces(refusal, encoding).map((piece) => ({ ...piece, refusal: true }));
  const calls = toolCalls.flatMap(({ name, arguments: args }, tool): ChatPiece[] => [
    { text: '', tokens: countTokens(name, encoding) + TOOL_CALL_TOKENS, tool },
    ...splitIntoPieces(JSON.stringify(args), encoding).map((piece) => ({ ...piece, tool })),
  ]);
  return [...splitIntoPieces(content, encoding), ...calls];
}

export function cutAtStop(text: string, stop: ChatBody['stop']): string {
  if (stop == null) return text;
  const places = [stop].flat().map((word) => (word === '' ? -1 : text.indexOf(word)));
  const first = Math.min(...places.filter((at) => at >= 0));
  return first === Number.POSITIVE_INFINITY ? text : text.slice(0, first);
}

/** As much as fits the cap; the same object if all of it does. */
export function truncate(said: Said<ChatPiece>, cap: number): Said<ChatPiece> {
  return said.tokens <= cap ? said : saidOf(firstPieces(said.pieces, cap));
}

/** The pieces that together make at most so many tokens. */
export function firstPieces(pieces: readonly ChatPiece[], cap: number): readonly ChatPiece[] {
  let left = cap;
  const kept = pieces.findIndex((piece) => {
    left -= piece.tokens;
    return left < 0;
  });
  return kept === -1 ? pieces : pieces.slice(0, kept);
}

export function saidOf(pieces: readonly ChatPiece[]): Said<ChatPiece> {
  let text = '';
  let tokens = 0;
  for (const piece of pieces) {
    text += piece.text;
    tokens += piece.tokens;
  }
  return { text, tokens, pieces };
}
