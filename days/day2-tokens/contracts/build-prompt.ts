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
  /** Contents are texts or lists of parts; a part may end in a breakpoint, `prompt_cache_breakpoint: { mode: 'explicit' }`. */
  messages: OpenAI.ChatCompletionMessageParam[];
  tools: OpenAI.ChatCompletionFunctionTool[];
  /** At most 64 characters. Requests with the same key and the same beginning go to the same machine. */
  cacheKey: string;
  /** `explicit` reads and writes up to your breakpoints only; `implicit` adds one at the end of the last message. */
  cacheMode: 'implicit' | 'explicit';
}
