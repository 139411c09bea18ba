import type {} from '@azure/openai/types';
import OpenAI from 'openai';
import type { Env, ErrorKind, GetToken, LlmClient } from '#course/day5-nodejs/contracts/client.ts';

export class LlmError extends Error {
  override readonly name = 'LlmError';
  readonly kind: ErrorKind;
  readonly retryAfterMs: number | null;

  constructor(kind: ErrorKind, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Door {
  baseURL: string;
  name: string;
  query?: Record<string, string>;
  header: (secret: string) => Record<string, string>;
  secret: () => Promise<string>;
}

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });

function doorOf(env: Env, getToken: GetToken | undefined): Door {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: key, OPENAI_API_VERSION: version } = env;
  if (!endpoint)
    return {
      baseURL: 'https://api.openai.com/v1',
      name: env.OPENAI_MODEL ?? '',
      header: bearer,
      secret: async () => env.OPENAI_API_KEY ?? '',
    };
  const root = endpoint.endsWith('/') ? endpoint.slice(0, -1) : endpoint;
  const name = env.AZURE_OPENAI_DEPLOYMENT ?? '';
  const secret = key ? async () => key : (getToken ?? (async () => ''));
  if (!version) return { baseURL: `${root}/openai/v1`, name, header: bearer, secret };
  return {
    baseURL: `${root}/openai/deployments/${name}`,
    name,
    query: { 'api-version': version },
    header: key ? (it) => ({ 'api-key': it, Authorization: null as unknown as string }) : bearer,
    secret,
  };
}

/** The plain OpenAI class at each door: what differs is set with each request. */
export const createClient = (env: Env, getToken?: GetToken): LlmClient => {
  const { baseURL, name, query, header, secret } = doorOf(env, getToken);
  const api = new OpenAI({ apiKey: 'set with each request', baseURL, defaultQuery: query });
  const ask: LlmClient['ask'] = async (prompt) => {
    const answer = await api.chat.completions
      .create(
        {
          model: name,
          messages: [{ role: 'user', content: prompt }],
          reasoning_effort: (env.OPENAI_REASONING_EFFORT || undefined) as OpenAI.ReasoningEffort,
        },
        { headers: header(await secret()) },
      )
      .withResponse()
      .catch((error) => Promise.reject(failure(error)));
    const { data, response } = answer;
    const left = Number(response.headers.get('x-ratelimit-remaining-tokens') ?? Number.NaN);
    return {
      text: data.choices[0]?.message.content ?? '',
      usage: {
        input: data.usage?.prompt_tokens ?? 0,
        cached: data.usage?.prompt_tokens_details?.cached_tokens ?? 0,
        output: data.usage?.completion_tokens ?? 0,
      },
      tokensLeft: Number.isNaN(left) ? null : left,
      flagged: found(data),
    };
  };
  return { ask };
};

function failure(error: unknown): LlmError {
  const { status, code, headers } = error as { status?: number; code?: string; headers?: Headers };
  const of = (): ErrorKind => {
    switch (status) {
      case 401:
      case 403:
        return 'auth';
      case 429:
        return 'rate_limit';
      case 400:
        return code === 'content_filter' || code === 'invalid_prompt' ? 'blocked' : 'invalid';
      case undefined:
        return 'outage';
      default:
        return status >= 500 ? 'outage' : 'invalid';
    }
  };
  const ms = Number(
    headers?.get('retry-after-ms') ?? Number(headers?.get('retry-after') ?? Number.NaN) * 1000,
  );
  return new LlmError(of(), `HTTP ${status}, ${code}`, Number.isNaN(ms) ? null : ms);
}

type Results = Record<string, { severity?: string; detected?: boolean }>;

function found({ prompt_filter_results: inPrompts, choices }: OpenAI.ChatCompletion): string[] {
  const categories = (all: Results = {}): string[] =>
    Object.keys(all).filter(
      (name) => all[name]?.detected === true || !['safe', undefined].includes(all[name]?.severity),
    );
  const lists = [...(inPrompts ?? []), ...choices].map((it) =>
    categories(it.content_filter_results as Results),
  );
  return lists.flat().filter((name, i, all) => all.indexOf(name) === i);
}
