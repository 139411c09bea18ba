import type { TokenCounter, Tokenizer } from '#course/day2-tokens/contracts/count-tokens.ts';

/** Counts with the given package: `createTokenCounter(await import('tiktoken'))`. */
export function createTokenCounter(_tiktoken: Tokenizer): TokenCounter {
  return {
    // TODO: four characters a token is a rule of thumb for English prose. Count what the provider counts.
    countChat: ({ messages }) => estimate(messages.map((message) => message.content).join('')),
    estimateTokens: estimate,
  };
}

function estimate(text: string): number {
  return Math.ceil(text.length / 4);
}
