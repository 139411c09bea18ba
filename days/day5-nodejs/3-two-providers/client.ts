import OpenAI from 'openai';

/** What `process.env` holds: OPENAI_API_KEY and OPENAI_MODEL, or the AZURE_OPENAI_… variables. */
export type Env = Readonly<Record<string, string | undefined>>;
/** Fetches an Entra ID token, valid for a while. Used where Azure has no key. */
export type GetToken = () => Promise<string>;

export interface Reply {
  text: string;
  usage: { input: number; cached: number; output: number };
  /** Tokens left of this minute's quota, from the rate-limit headers; null if the provider does not say. */
  tokensLeft: number | null;
}

/**
 * `auth` key or token not accepted; `blocked` the prompt was refused by a content policy; `rate_limit` 429; `outage` the
 * provider or the network is at fault, so another one may help; `invalid` the request itself is wrong.
 */
export type ErrorKind = 'auth' | 'blocked' | 'rate_limit' | 'outage' | 'invalid';

export class LlmError extends Error {
  override readonly name = 'LlmError';
  readonly kind: ErrorKind;
  /** What the provider asked to wait, if it did. */
  readonly retryAfterMs: number | null;

  constructor(kind: ErrorKind, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface LlmClient {
  ask(prompt: string): Promise<Reply>;
}

/** One client for OpenAI, Azure's v1 API and Azure's dated API, chosen by the environment. */
export function createClient(env: Env, _getToken?: GetToken): LlmClient {
  return {
    async ask(prompt) {
      // TODO: this knows OpenAI only, makes an SDK client for each question, and calls every failure an outage.
      try {
        const client = new OpenAI({ apiKey: env.OPENAI_API_KEY, baseURL: 'https://api.openai.com/v1' });
        const completion = await client.chat.completions.create({
          model: env.OPENAI_MODEL ?? 'gpt-4o-mini',
          messages: [{ role: 'user', content: prompt }],
        });
        const usage = { input: completion.usage?.prompt_tokens ?? 0, cached: 0, output: 0 };
        return { text: completion.choices[0]?.message.content ?? '', usage, tokensLeft: null };
      } catch (error) {
        throw new LlmError('outage', `${error} (env: ${JSON.stringify(env)})`);
      }
    },
  };
}
