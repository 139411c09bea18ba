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

export function buildPrompt(input: PromptInput): BuiltPrompt {
  const { rules, tools, examples, docs, user, question, now } = input;
  // TODO: the first line is different in every request, and a cached prefix ends at the first difference.
  const system = [
    `It is ${now.toISOString()}. You are talking to ${user.name} (${user.plan} plan).`,
    rules,
    examples,
    ...docs.map(({ id, text }) => `<doc id="${id}">\n${text}\n</doc>`),
  ].join('\n\n');
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: question },
    ],
    tools,
    cacheKey: '',
    cacheMode: 'implicit',
  };
}
