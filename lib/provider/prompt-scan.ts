import { REPLY_TOKENS } from './chat-tokens.ts';
import type { Steps } from './steps.ts';
import { type Encoding, splitIntoPieces } from './tokens.ts';

/** A place in a prompt up to which it can be found again: the tokens before it, and a hash of them. */
export interface Mark {
  tokens: number;
  hash: number;
}

/** For how long at least a breakpoint's entry is kept: as `ttl` names it. */
export type Lifetime = '30m' | '12h';

/** A breakpoint that the caller set, with the lifetime of its own that it may have. */
export interface SetMark extends Mark {
  lifetime?: Lifetime;
}

export interface ScannedPrompt {
  tokens: number;
  /** Where the shortest, and then every further step of, a cached prefix would end. */
  steps: readonly Mark[];
  /** Where each part of the prompt ends. */
  ends: readonly Mark[];
  /** Those of them that the caller marked as breakpoints. */
  marks: readonly SetMark[];
  /** The breakpoint that nobody has to set: the end of the newest message of a user or a tool. */
  implied: Mark | undefined;
  /** A hash of about the first 256 tokens: it decides which machine serves the request. */
  head: number;
}

/** OpenAI caches prompts from this size, in these steps (Prompt caching guide). */
const SHORTEST = 1024;
const STEP = 128;
const HEAD = 256;
const PIECES_A_STEP = 2000;

/** What a cache reports for a shared prefix of so many tokens. */
export function cachedTokensOf(sharedTokens: number): number {
  return sharedTokens < SHORTEST ? 0 : sharedTokens - ((sharedTokens - SHORTEST) % STEP);
}

/** One tool list, message or block of a message. */
export interface PromptPart {
  /** What is compared as a whole: a role, or tool definitions. Undefined for a further block of the same message. */
  tag: string | undefined;
  /** What the tag and the frame around the text count. */
  overhead: number;
  /** What is compared token by token. */
  text: string;
  /** Its end is a breakpoint that the caller set. */
  breakpoint?: { ttl?: Lifetime } | undefined;
  /** Its end may be the implied breakpoint. */
  eligible?: boolean;
}

/**
 * Reads a prompt token by token for the prompt cache. `parts` are in the order in which the vendor renders them: tools,
 * then messages. Prompts with other `settings` have nothing in common.
 */
export function* scanPrompt(
  parts: Iterable<PromptPart>,
  encoding: Encoding,
  settings = '',
): Steps<ScannedPrompt> {
  const steps: Mark[] = [];
  const ends: Mark[] = [];
  const marks: SetMark[] = [];
  let implied: Mark | undefined;
  // What primes the answer is part of what is billed and of what must reach 1,024.
  let tokens = REPLY_TOKENS;
  let next = SHORTEST;
  let a = 0x811c9dc5;
  let b = 0x2545f491;
  let head = 0;
  const mark = (): Mark => ({ tokens, hash: (a >>> 0) * 0x200000 + (b >>> 11) });
  const read = (text: string) => {
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x5bd1e995) ^ (b >>> 15);
    }
  };
  const count = (more: number) => {
    tokens += more;
    if (head === 0 && tokens >= HEAD) head = a >>> 0;
    for (; tokens >= next; next += STEP) steps.push({ ...mark(), tokens: next });
  };
  read(settings);
  for (const { tag, overhead, text, breakpoint, eligible } of parts) {
    if (tag !== undefined) {
      read(tag);
      a = Math.imul(a ^ 0xff, 0x01000193);
    }
    count(overhead);
    let left = PIECES_A_STEP;
    for (const piece of splitIntoPieces(text, encoding)) {
      read(piece.text);
      count(piece.tokens);
      left -= 1;
      if (left === 0) {
        left = PIECES_A_STEP;
        yield;
      }
    }
    const end = mark();
    ends.push(end);
    if (breakpoint) marks.push(breakpoint.ttl ? { ...end, lifetime: breakpoint.ttl } : end);
    if (eligible) implied = end;
    yield;
  }
  return { tokens, steps, ends, marks, implied, head: head || a >>> 0 };
}
