import type { ContentFilterDetectionResultOutput, ContentFilterResultOutput } from '@azure/openai/types';
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
  const client = connect(env, getToken);
  const { OPENAI_MODEL, AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_DEPLOYMENT } = env;
  const model = (AZURE_OPENAI_ENDPOINT === undefined ? OPENAI_MODEL : AZURE_OPENAI_DEPLOYMENT) as string;
  // Left out, the model thinks first: slower, and billed.
  const reasoning_effort = env.OPENAI_REASONING_EFFORT as OpenAI.ReasoningEffort;
  return {
    async ask(prompt) {
      try {
        const { data, response } = await client.chat.completions
          .create({ model, reasoning_effort, messages: [{ role: 'user', content: prompt }] })
          .withResponse();
        return replyOf(data, response.headers);
      } catch (error) {
        throw normalised(error as InstanceType<typeof OpenAI.APIError>);
      }
    },
  };
}

/** The endpoint decides between the vendors, the API version between Azure's two APIs, the key between key and token. */
function connect(env: Env, getToken?: GetToken): OpenAI {
  const { AZURE_OPENAI_ENDPOINT: endpoint, OPENAI_API_VERSION: apiVersion } = env;
  if (endpoint === undefined)
    return new OpenAI({ apiKey: env.OPENAI_API_KEY, baseURL: 'https://api.openai.com/v1' });
  const apiKey = env.AZURE_OPENAI_API_KEY;
  if (apiVersion === undefined)
    return new OpenAI({ baseURL: `${endpoint.replace(/\/$/, '')}/openai/v1/`, apiKey: apiKey ?? getToken });
  const credentials = apiKey === undefined ? { azureADTokenProvider: getToken } : { apiKey };
  return new AzureOpenAI({ endpoint, apiVersion, ...credentials });
}

function replyOf(answer: OpenAI.ChatCompletion, headers: Headers): Reply {
  const usage = answer.usage as OpenAI.CompletionUsage; // Only a stream leaves it out.
  const left = headers.get('x-ratelimit-remaining-tokens');
  return {
    text: answer.choices[0]?.message.content ?? '',
    usage: {
      input: usage.prompt_tokens,
      cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage.completion_tokens,
    },
    tokensLeft: left === null ? null : Number(left),
    flagged: flaggedIn(answer),
  };
}

type Finding = ContentFilterResultOutput | ContentFilterDetectionResultOutput;

/** What Azure's filters let through, though they saw it. */
function flaggedIn({ choices, prompt_filter_results: prompts = [] }: OpenAI.ChatCompletion): string[] {
  const results = [...prompts, ...choices].map((it) => it.content_filter_results ?? {});
  const found = results
    .flatMap((result): [string, Finding][] => Object.entries(result))
    .filter(([, it]) => ('severity' in it ? it.severity !== 'safe' : it.detected));
  return [...new Set(found.map(([category]) => category))];
}

function normalised(error: InstanceType<typeof OpenAI.APIError>): LlmError {
  return new LlmError(kindOf(error), error.message, retryAfterMs(error.headers));
}

function kindOf({ status, code }: { status?: number; code?: string | null }): ErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate_limit';
  if (code === 'content_filter' || code === 'invalid_prompt') return 'blocked';
  if (status === undefined || status >= 500) return 'outage';
  return 'invalid';
}

function retryAfterMs(headers: Headers | undefined): number | null {
  const ms = headers?.get('retry-after-ms');
  const seconds = headers?.get('retry-after');
  if (ms) return Number(ms);
  return seconds ? Number(seconds) * 1000 : null;
}
