import type { Random } from './random.ts';
import { countTokens, type Encoding } from './tokens.ts';

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

/**
 * A text of about the given length, made of whole sentences. It is the same for the same randomness; it holds accents
 * and emoji, because code that cuts bytes or UTF-16 units must be caught.
 */
export function composeAnswer(random: Random, targetTokens: number, encoding: Encoding): string {
  const closer = random.pick(CLOSERS);
  let text: string = random.pick(OPENERS);
  let tokens = countTokens(text, encoding) + countTokens(closer, encoding);
  while (tokens < targetTokens) {
    const sentence = ` ${capital(random.pick(SUBJECTS))} ${random.pick(VERBS)} ${random.pick(OBJECTS)} ${random.pick(TAILS)}.`;
    text += sentence;
    tokens += countTokens(sentence, encoding);
  }
  return `${text} ${closer}`;
}

/** Draws how many tokens an answer is to have. */
export function drawLength({ medianTokens, p95Tokens }: AnswerLength, random: Random): number {
  const sigma = Math.log(p95Tokens / medianTokens) / 1.645;
  return Math.round(medianTokens * Math.exp(sigma * random.normal()));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
