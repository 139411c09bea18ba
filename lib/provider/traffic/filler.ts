import { randomFor } from '../random.ts';
import type { TraceRequest } from './traces.ts';

/** Words that make one token each, with the space before them, in both encodings. */
const WORDS = (
  'time people year way day man thing woman life child world school state family student group country problem hand part ' +
  'place case week company system program question work government number night point home water room mother area money ' +
  'story fact month right study book eye job word business issue side kind head house service friend father power hour'
).split(' ');

/** Mooncake's blocks are of this many tokens. */
const BLOCK_TOKENS = 512;

/** Text of exactly so many tokens, the same for the same key. */
export function filler(tokens: number, ...key: (string | number)[]): string {
  const random = randomFor('filler', ...key);
  let text = '';
  for (let i = 0; i < tokens; i += 1) text += ` ${random.pick(WORDS)}`;
  return text;
}

/** A prompt as long as a traced one. Equal blocks become equal text, so that prefixes are shared as they were. */
export function promptFor({ inputTokens, blocks }: TraceRequest, index: number): string {
  if (!blocks) return filler(inputTokens, 'request', index);
  let left = inputTokens;
  let text = '';
  for (const block of blocks) {
    const tokens = Math.min(left, BLOCK_TOKENS);
    text += filler(tokens, 'block', block);
    left -= tokens;
  }
  return left > 0 ? text + filler(left, 'request', index) : text;
}
