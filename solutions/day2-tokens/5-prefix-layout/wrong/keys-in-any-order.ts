import type OpenAI from 'openai';

export interface Doc {
  id: string;
  text: string;
}

/** What one request is made from. */
export interface PromptInput {
  /** The house rules of the tenant, always the same text. */
  rules: string;
  /** In any order, with their keys in any order, as the registry happens to give them. */
  tools: OpenAI.ChatCompletionFunctionTool[];
  examples: string;
  /** The tenant's handbook, best match first. */
  docs: Doc[];
  user: { tenant: string; name: string; plan: string };
  question: string;
  now: Date;
  /** False if nobody will send a prompt that begins like this one again. */
  reused: boolean;
}

export interface BuiltPrompt {
  messages: OpenAI.ChatCompletionMessageParam[];
  tools: OpenAI.ChatCompletionFunctionTool[];
  /** At most 64 characters. Requests with the same key and the same beginning go to the same machine. */
  cacheKey: string;
  /** `implicit` writes every prompt to the cache, `explicit` only up to marked breakpoints: here, nothing. */
  cacheMode: 'implicit' | 'explicit';
}

export const rejectedBy = 'lets the provider read most of the input from its cache';

/** Sorts the tools and leaves the keys inside them as they come. */
export function buildPrompt(input: PromptInput): BuiltPrompt {
  const { rules, tools, examples, docs, user, question, now, reused } = input;
  const handbook = docs
    .toSorted((a, b) => compare(a.id, b.id))
    .map(({ id, text }) => `<doc id="${id}">\n${text}\n</doc>`);
  return {
    messages: [
      { role: 'system', content: [rules, examples, ...handbook].join('\n\n') },
      {
        role: 'user',
        content: `It is ${now.toISOString()}. I am ${user.name}, on the ${user.plan} plan.\n\n${question}`,
      },
    ],
    tools: tools.toSorted((a, b) => compare(a.function.name, b.function.name)),
    cacheKey: `help-desk:${user.tenant}`,
    cacheMode: reused ? 'implicit' : 'explicit',
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
