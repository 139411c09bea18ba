import type { Tiktoken } from 'tiktoken';
import type { Chat, TokenCounter, Tokenizer } from '#course/day2-tokens/contracts/count-tokens.ts';

const SLICES = 16;
const SLICE = 250;

/** Counts with the given package: `createTokenCounter(await import('tiktoken'))`. */
export function createTokenCounter(tiktoken: Tokenizer): TokenCounter {
  const encoders = new Map<string, Tiktoken>();
  const encoderFor = (name: 'o200k_base' | 'cl100k_base'): Tiktoken => {
    const encoder = encoders.get(name) ?? tiktoken.get_encoding(name);
    encoders.set(name, encoder);
    return encoder;
  };
  /** What lists of tools have cost so far, by model. */
  const toolTokens = new Map<string, number>();

  return {
    countChat(chat) {
      const counted = toolTokens.get(keyOf(chat));
      return countPlain(chat) + (counted ?? guessTools(chat));
    },
    compare(chat, promptTokens) {
      if (chat.tools) toolTokens.set(keyOf(chat), promptTokens - countPlain(chat));
    },
    estimateTokens(text) {
      const sample = SLICES * SLICE >= text.length ? [text] : slices(text);
      const read = sample.join('').length;
      const tokens = sample.map((slice) => encoderFor('o200k_base').encode_ordinary(slice).length);
      return read === 0 ? 0 : Math.round((tokens.reduce((a, b) => a + b) * text.length) / read);
    },
  };

  function countPlain({ encoding = 'o200k_base', messages }: Chat): number {
    // Not `encode`, which throws when a user writes what looks like a special token.
    const count = (text: string) => encoderFor(encoding).encode_ordinary(text).length;
    let total = 3;
    for (const { role, content, name } of messages) {
      total += 3 + count(role) + count(content);
      if (name !== undefined) total += 1 + count(name);
    }
    return total;
  }

  /** Before the first bill: the words of their JSON, which is about twice as much as is billed. */
  function guessTools({ tools = [], encoding = 'o200k_base' }: Chat): number {
    return tools.length === 0
      ? 0
      : Math.round(encoderFor(encoding).encode_ordinary(JSON.stringify(tools)).length / 2);
  }
}

function keyOf({ model, tools = [] }: Chat): string {
  return JSON.stringify([model, tools]);
}

/** Pieces from all over the text: a file may begin in English and go on in base64. */
function slices(text: string): string[] {
  const step = (text.length - SLICE) / (SLICES - 1);
  return Array.from({ length: SLICES }, (_, i) =>
    text.slice(Math.round(i * step), Math.round(i * step) + SLICE),
  );
}
