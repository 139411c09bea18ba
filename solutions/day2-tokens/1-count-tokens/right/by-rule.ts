import type { Tiktoken } from 'tiktoken';
import type { TokenCounter, Tokenizer } from '#course/day2-tokens/contracts/count-tokens.ts';

const PIECES = /\p{scx=Han}+|[\p{scx=Hiragana}\p{scx=Katakana}]+|\p{L}+|\p{N}{1,3}|\s+|[^\s\p{L}\p{N}]+/gu;

/** What a stretch of one kind makes on average: no tokenizer at all. */
function cost(piece: string): number {
  if (/^\p{scx=Han}|^[\p{scx=Hiragana}\p{scx=Katakana}]/u.test(piece)) return piece.length * 0.72;
  if (/^\s/.test(piece)) return piece === ' ' ? 0 : Math.ceil(piece.length / 120);
  if (/^\p{L}/u.test(piece))
    return piece.length < 7 ? 1 : piece.length > 200 ? piece.length / 8 : piece.length / 5;
  return /^\p{Emoji_Presentation}/u.test(piece) ? piece.length : 1;
}

/**
 * Estimates long texts by rule and keeps the tokenizer for short ones and for what must be exact. Tools are counted by the
 * constants of OpenAI's cookbook, written for gpt-4o: right as long as `usage` says so.
 */
export function createTokenCounter(tiktoken: Tokenizer): TokenCounter {
  const encoders: Record<string, Tiktoken> = {};
  const count = (text: string, name: 'o200k_base' | 'cl100k_base' = 'o200k_base') => {
    encoders[name] ??= tiktoken.get_encoding(name);
    return encoders[name].encode(text, [], []).length;
  };
  return {
    countChat({ encoding, messages, tools = [] }) {
      const texts: string[] = [];
      let fixed = 3;
      for (const message of messages) {
        fixed += message.name === undefined ? 3 : 4;
        texts.push(message.role, message.content, message.name ?? '');
      }
      if (tools.length > 0) fixed += 12;
      for (const { function: tool } of tools) {
        fixed += 10;
        texts.push(`${tool.name}:${tool.description.replace(/\.$/, '')}`);
        for (const [name, { type, description, enum: values }] of Object.entries(
          tool.parameters.properties,
        )) {
          fixed += 3 + (values ? values.length * 3 - 3 : 0);
          texts.push(`${name}:${type}:${description.replace(/\.$/, '')}`, ...(values ?? []));
        }
      }
      return texts.reduce((sum, text) => sum + count(text, encoding), fixed);
    },
    estimateTokens(text) {
      if (text.length <= 1000) return count(text);
      return [...text.matchAll(PIECES)].reduce((sum, [piece]) => sum + cost(piece), 0);
    },
  };
}
