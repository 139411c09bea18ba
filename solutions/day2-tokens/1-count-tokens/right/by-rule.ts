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

/** Estimates long texts by rule and keeps the tokenizer for short ones and for what must be exact. */
export function createTokenCounter(tiktoken: Tokenizer): TokenCounter {
  let newer: Tiktoken | undefined;
  let older: Tiktoken | undefined;
  const tokens = (text: string, model = '') => {
    const old = model === 'gpt-4' || model.startsWith('gpt-4-') || model.startsWith('gpt-3.5');
    if (old) older ??= tiktoken.get_encoding('cl100k_base');
    else newer ??= tiktoken.get_encoding('o200k_base');
    const encoder = (old ? older : newer) as Tiktoken;
    return { old, count: encoder.encode(text, [], []).length };
  };
  return {
    countChat({ model, messages, tools = [] }) {
      const { old } = tokens('', model);
      const texts: string[] = [];
      let fixed = 3;
      for (const message of messages) {
        fixed += message.name === undefined ? 3 : 4;
        texts.push(message.role, message.content, message.name ?? '');
      }
      if (tools.length > 0) fixed += 12;
      for (const { function: tool } of tools) {
        fixed += old ? 13 : 10;
        texts.push(`${tool.name}:${tool.description.replace(/\.$/, '')}`);
        for (const [name, { type, description, enum: values }] of Object.entries(
          tool.parameters.properties,
        )) {
          fixed += 3 + (values ? values.length * 3 - 3 : 0);
          texts.push(`${name}:${type}:${description.replace(/\.$/, '')}`, ...(values ?? []));
        }
      }
      return texts.reduce((sum, text) => sum + tokens(text, model).count, fixed);
    },
    estimateTokens(text) {
      if (text.length <= 1000) return tokens(text).count;
      return [...text.matchAll(PIECES)].reduce((sum, [piece]) => sum + cost(piece), 0);
    },
  };
}
