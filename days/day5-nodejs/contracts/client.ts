/**
 * What `process.env` holds: OPENAI_API_KEY and OPENAI_MODEL, or the AZURE_OPENAI_… variables; for both
 * OPENAI_REASONING_EFFORT, the effort to ask for where the model should not think first.
 */
export type Env = Readonly<Record<string, string | undefined>>;

/** Fetches an Entra ID token, valid for a while. Used where Azure has no key. */
export type GetToken = () => Promise<string>;

export interface Reply {
  text: string;
  usage: { input: number; cached: number; output: number };
  /** Tokens left of this minute's quota, from the rate-limit headers; null if the provider does not say. */
  tokensLeft: number | null;
  /** Categories in which Azure's filters found something that they let through, each once; none at OpenAI. */
  flagged: string[];
}

/**
 * `auth` key or token not accepted, or not for this (401, 403); `blocked` the prompt was refused by a content policy; `rate_limit` 429; `outage` the
 * provider or the network is at fault, so another one may help; `invalid` the request itself is wrong.
 */
export type ErrorKind = 'auth' | 'blocked' | 'rate_limit' | 'outage' | 'invalid';

export interface LlmClient {
  ask(prompt: string): Promise<Reply>;
}
