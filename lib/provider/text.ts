import type { Random } from './random.ts';
import { type Encoding, type Piece, splitIntoPieces } from './tokens.ts';

/** How long answers are: log-normal, as output lengths are in published traces. */
export interface AnswerLength {
  medianTokens: number;
  p95Tokens: number;
}

const OPENERS = [
  'Thanks for asking.',
  'Good question.',
  'In short, yes.',
  'Here is what to do.',
  'Let me explain.',
];
const SUBJECTS = [
  'the invoice',
  'your account',
  'the café order',
  'this setting',
  'the export',
  'our team',
  'the report',
];
const VERBS = ['opens', 'keeps', 'updates', 'needs', 'shows', 'sends', 'confirms'];
const OBJECTS = [
  'a new link',
  'the billing page',
  'two steps',
  'a short code',
  'the old file',
  'an e-mail',
  'every change',
];
const TAILS = [
  'within a day',
  'after you sign in',
  'at no cost',
  'before the next cycle',
  'without a restart',
  '– naïvely put –',
];
const CLOSERS = [
  'Write again if it does not work.',
  'Hope that helps 🙂',
  'All set 👍🏽',
  'Have a good day ☀️',
  'That is all.',
];

/** A text, how many tokens it makes, and the pieces in which it is streamed. */
export interface Said<P extends Piece = Piece> {
  text: string;
  tokens: number;
  pieces: readonly P[];
}

/**
 * A text of about the given length, made of whole sentences. It is the same for the same randomness; it holds accents
 * and emoji, because code that cuts bytes or UTF-16 units must be caught. Its parts are split and counted once for all
 * texts: the tokenizer never joins a sign or a word with a space before it to what came before.
 */
export function composeAnswer(random: Random, targetTokens: number, encoding: Encoding): Said {
  const { openers, sentence, closers, bareClosers } = PARTS[encoding]();
  const closing = random.int(closers.length);
  const parts = [random.pick(openers)];
  let tokens = (parts[0] as Said).tokens + (bareClosers[closing] as Said).tokens;
  while (tokens < targetTokens)
    for (const choices of sentence) {
      const part = random.pick(choices);
      tokens += part.tokens;
      parts.push(part);
    }
  parts.push(closers[closing] as Said);
  return new Composed(parts);
}

/** Put together from its parts; the pieces only when somebody asks for them, which an answer in one piece does not. */
class Composed implements Said {
  readonly text: string;
  readonly tokens: number;
  readonly #parts: readonly Said[];
  #pieces: readonly Piece[] | undefined;

  constructor(parts: readonly Said[]) {
    let text = '';
    let tokens = 0;
    for (const part of parts) {
      text += part.text;
      tokens += part.tokens;
    }
    this.text = text;
    this.tokens = tokens;
    this.#parts = parts;
  }

  get pieces(): readonly Piece[] {
    this.#pieces ??= this.#parts.flatMap((part) => part.pieces);
    return this.#pieces;
  }
}

const PARTS = {
  o200k_base: once(() => partsIn('o200k_base')),
  cl100k_base: once(() => partsIn('cl100k_base')),
};

function partsIn(encoding: Encoding) {
  const count = (texts: readonly string[]) =>
    texts.map((text): Said => {
      const pieces = splitIntoPieces(text, encoding);
      return { text, pieces, tokens: pieces.reduce((sum, piece) => sum + piece.tokens, 0) };
    });
  const sentence = [SUBJECTS.map(capital), VERBS, OBJECTS, TAILS.map((tail) => `${tail}.`)];
  return {
    openers: count(OPENERS),
    sentence: sentence.map((texts) => count(texts.map((text) => ` ${text}`))),
    closers: count(CLOSERS.map((text) => ` ${text}`)),
    bareClosers: count(CLOSERS),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Draws how many tokens an answer is to have. */
export function drawLength({ medianTokens, p95Tokens }: AnswerLength, random: Random): number {
  const sigma = Math.log(p95Tokens / medianTokens) / 1.645;
  return Math.round(medianTokens * Math.exp(sigma * random.normal()));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
