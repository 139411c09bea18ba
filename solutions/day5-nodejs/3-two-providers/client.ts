import OpenAI, { AzureOpenAI } from 'openai';
import type { Env, ErrorKind, GetToken, LlmClient, Reply } from '#course/day5-nodejs/contracts/client.ts';

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

/** One client for OpenAI, Azure's v1 API and Azure's dated API, chosen by the environment. */
export function createClient(env: Env, getToken?: GetToken): LlmClient {
  const { client, model } = connect(env, getToken);
  return {
    async ask(prompt) {
      try {
        const { data, response } = await client.chat.completions
          .create({ model, ...effortIn(env), messages: [{ role: 'user', content: prompt }] })
          .withResponse();
        return replyOf(data, response.headers);
      } catch (error) {
        throw normalised(error);
      }
    },
  };
}

/** The endpoint decides between the vendors, the API version between Azure's two APIs, the key between key and token. */
function connect(env: Env, getToken?: GetToken): { client: OpenAI; model: string } {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: azureKey } = env;
  if (endpoint === undefined) {
    const client = new OpenAI({ apiKey: need(env, 'OPENAI_API_KEY'), baseURL: 'https://api.openai.com/v1' });
    return { client, model: need(env, 'OPENAI_MODEL') };
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

/** Left out, the model thinks first: slower, and billed. */
function effortIn(env: Env): { reasoning_effort: OpenAI.ReasoningEffort | undefined } {
  return { reasoning_effort: env.OPENAI_REASONING_EFFORT as OpenAI.ReasoningEffort };
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
