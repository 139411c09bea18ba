import OpenAI, { AzureOpenAI } from 'openai';

export const rejectedBy = 'leaves retrying to one layer';

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

/** Three tries around an SDK that tries three times itself: nine calls to a provider in trouble. */
export function createClient(env: Env, getToken?: GetToken): LlmClient {
  const { client, model } = connect(env, getToken);
  const once = async (prompt: string) => {
    try {
      const { data, response } = await client.chat.completions
        .create({ model, messages: [{ role: 'user', content: prompt }] })
        .withResponse();
      return replyOf(data, response.headers);
    } catch (error) {
      throw normalised(error);
    }
  };
  return {
    async ask(prompt) {
      for (let left = 2; ; left -= 1) {
        try {
          return await once(prompt);
        } catch (error) {
          const { kind } = error as LlmError;
          if (left === 0 || (kind !== 'rate_limit' && kind !== 'outage')) throw error;
        }
      }
    },
  };
}

/** The endpoint decides between the vendors, the API version between Azure's two APIs, the key between key and token. */
function connect(env: Env, getToken?: GetToken): { client: OpenAI; model: string } {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: azureKey } = env;
  if (endpoint === undefined) {
    const client = new OpenAI({ apiKey: need(env, 'OPENAI_API_KEY'), baseURL: 'https://api.openai.com/v1' });
    return { client, model: env.OPENAI_MODEL ?? 'gpt-4o-mini' };
  }
  const model = need(env, 'AZURE_OPENAI_DEPLOYMENT');
  if (azureKey === undefined && getToken === undefined) need(env, 'AZURE_OPENAI_API_KEY');
  const apiVersion = env.OPENAI_API_VERSION;
  if (apiVersion !== undefined) {
    const credentials = azureKey === undefined ? { azureADTokenProvider: getToken } : { apiKey: azureKey };
    return { client: new AzureOpenAI({ endpoint, apiVersion, ...credentials }), model };
  }
  const baseURL = `${endpoint.replace(/\/+$/, '')}/openai/v1/`;
  return { client: new OpenAI({ baseURL, apiKey: azureKey ?? getToken }), model };
}

function need(env: Env, name: string): string {
  const value = env[name];
  if (!value) throw new LlmError('invalid', `The environment variable ${name} is missing.`);
  return value;
}

function replyOf({ choices, usage }: OpenAI.ChatCompletion, headers: Headers): Reply {
  const left = headers.get('x-ratelimit-remaining-tokens');
  return {
    text: choices[0]?.message.content ?? '',
    usage: {
      input: usage?.prompt_tokens ?? 0,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage?.completion_tokens ?? 0,
    },
    tokensLeft: left === null ? null : Number(left),
  };
}

function normalised(error: unknown): LlmError {
  if (!(error instanceof OpenAI.APIError)) return new LlmError('invalid', String(error));
  return new LlmError(kindOf(error), error.message, retryAfterMs(error.headers));
}

function kindOf({ status, code }: { status?: number; code?: string | null }): ErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate_limit';
  if (code === 'content_filter' || code === 'invalid_prompt') return 'blocked';
  if (status === undefined || status >= 500 || status === 408) return 'outage';
  return 'invalid';
}

function retryAfterMs(headers: Headers | undefined): number | null {
  const ms = headers?.get('retry-after-ms');
  const seconds = headers?.get('retry-after');
  if (ms) return Number(ms);
  return seconds ? Number(seconds) * 1000 : null;
}
