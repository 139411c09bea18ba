import type { Chat, TokenCounter, Tokenizer } from '#course/day2-tokens/contracts/count-tokens.ts';

/** The frame is counted as the cookbook has it; a correction for tools is kept as what the last bill was off by. */
export function createTokenCounter(tiktoken: Tokenizer): TokenCounter {
  const encoders = new Map<string, { encode_ordinary(text: string): Uint32Array }>();
  const corrections = new Map<string, number>();

  function tokens(text: string, name: 'o200k_base' | 'cl100k_base'): number {
    const encoder = encoders.get(name) ?? tiktoken.get_encoding(name);
    encoders.set(name, encoder);
    return encoder.encode_ordinary(text).length;
  }

  function raw(chat: Chat): number {
    const encoding = chat.encoding ?? 'o200k_base';
    const texts = chat.messages.flatMap(({ role, content, name }) => [
      role,
      content,
      ...(name ? [name] : []),
    ]);
    const named = chat.messages.filter(({ name }) => name).length;
    let sum = 3 * chat.messages.length + 3 + named;
    for (const text of texts) sum += tokens(text, encoding);
    for (const { function: fn } of chat.tools ?? []) {
      sum += 8 + tokens(fn.name, encoding) + tokens(fn.description, encoding);
      for (const [key, prop] of Object.entries(fn.parameters.properties)) {
        sum += 4 + tokens(key, encoding) + tokens(prop.description, encoding);
        for (const value of prop.enum ?? []) sum += 2 + tokens(value, encoding);
      }
    }
    return sum;
  }

  const keyOf = (chat: Chat) => `${chat.model}\n${JSON.stringify(chat.tools ?? [])}`;

  return {
    countChat: (chat) => raw(chat) + (corrections.get(keyOf(chat)) ?? 0),
    compare(chat, promptTokens) {
      corrections.set(keyOf(chat), promptTokens - raw(chat));
    },
    estimateTokens(text) {
      const most = 3990;
      if (text.length <= most) return tokens(text, 'o200k_base');
      const slices = 30;
      const size = Math.floor(most / slices);
      let found = 0;
      for (let i = 0; i < slices; i += 1) {
        const from = Math.floor((text.length - size) * (i / (slices - 1)));
        found += tokens(text.slice(from, from + size), 'o200k_base');
      }
      return Math.max(1, Math.round(found * (text.length / (size * slices))));
    },
  };
}
