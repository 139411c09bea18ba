import { rememberTexts } from './memo.ts';
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

/** A text and the pieces in which it is streamed. */
export interface Composed {
  text: string;
  pieces: readonly Piece[];
}

/**
 * A text of about the given length, made of whole sentences. It is the same for the same randomness; it holds accents
 * and emoji, because code that cuts bytes or UTF-16 units must be caught. Its parts are split and counted once for all
 * texts: the tokenizer never joins a sign or a word with a space before it to what came before.
 */
export function composeAnswer(random: Random, targetTokens: number, encoding: Encoding): Composed {
  const partOf = PARTS[encoding];
  const closer = random.pick(CLOSERS);
  const parts = [partOf(random.pick(OPENERS))];
  let tokens = (parts[0] as Part).tokens + partOf(closer).tokens;
  while (tokens < targetTokens) {
    const sentence = [
      partOf(` ${capital(random.pick(SUBJECTS))}`),
      partOf(` ${random.pick(VERBS)}`),
      partOf(` ${random.pick(OBJECTS)}`),
      partOf(` ${random.pick(TAILS)}.`),
    ];
    for (const part of sentence) tokens += part.tokens;
    parts.push(...sentence);
  }
  parts.push(partOf(` ${closer}`));
  let text = '';
  const pieces: Piece[] = [];
  for (const part of parts) {
    text += part.text;
    for (const piece of part.pieces) pieces.push(piece);
  }
  return { text, pieces };
}

interface Part extends Composed {
  tokens: number;
}

const PARTS = { o200k_base: partsIn('o200k_base'), cl100k_base: partsIn('cl100k_base') };

function partsIn(encoding: Encoding): (text: string) => Part {
  return rememberTexts(
    (text) => {
      const pieces = splitIntoPieces(text, encoding);
      return { text, pieces, tokens: pieces.reduce((sum, piece) => sum + piece.tokens, 0) };
    },
    { mostChars: 10_000 },
  );
}

/** Draws how many tokens an answer is to have. */
export function drawLength({ medianTokens, p95Tokens }: AnswerLength, random: Random): number {
  const sigma = Math.log(p95Tokens / medianTokens) / 1.645;
  return Math.round(medianTokens * Math.exp(sigma * random.normal()));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
