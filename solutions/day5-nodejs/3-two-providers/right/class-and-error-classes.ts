import type {} from '@azure/openai/types';
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

/** A class with a #private SDK client; the dated API by base URL and headers, the kinds by the SDK's error classes. */
class Client implements LlmClient {
  readonly #sdk: OpenAI;
  readonly #model: string;
  readonly #effort: OpenAI.ReasoningEffort | undefined;

  constructor(env: Env, getToken?: GetToken) {
    const azure = env.AZURE_OPENAI_ENDPOINT?.replace(/\/$/, '');
    this.#model = (azure ? env.AZURE_OPENAI_DEPLOYMENT : env.OPENAI_MODEL) ?? '';
    this.#effort = env.OPENAI_REASONING_EFFORT as OpenAI.ReasoningEffort;
    if (!azure) {
      this.#sdk = new OpenAI({ apiKey: env.OPENAI_API_KEY, maxRetries: 1 });
    } else if (!env.OPENAI_API_VERSION) {
      const key = env.AZURE_OPENAI_API_KEY;
      // The v1 API takes a key in `api-key` too.
      this.#sdk = key
        ? new OpenAI({
            baseURL: `${azure}/openai/v1`,
            apiKey: 'unused',
            defaultHeaders: { authorization: null, 'api-key': key },
          })
        : new OpenAI({ baseURL: `${azure}/openai/v1`, apiKey: getToken });
    } else {
      this.#sdk = new AzureOpenAI({
        baseURL: `${azure}/openai`,
        apiVersion: env.OPENAI_API_VERSION,
        deployment: this.#model,
        ...(env.AZURE_OPENAI_API_KEY
          ? { apiKey: env.AZURE_OPENAI_API_KEY }
          : { azureADTokenProvider: getToken }),
      });
    }
  }

  async ask(prompt: string): Promise<Reply> {
    const call = this.#sdk.chat.completions.create({
      model: this.#model,
      reasoning_effort: this.#effort,
      messages: [{ role: 'user', content: prompt }],
    });
    try {
      const response = await call.asResponse();
      const answer = (await response.json()) as OpenAI.ChatCompletion;
      const { choices, usage } = answer;
      const flagged = new Set<string>();
      for (const results of [
        answer.prompt_filter_results?.[0]?.content_filter_results,
        choices[0]?.content_filter_results,
      ])
        for (const [category, result] of Object.entries(results ?? {}))
          if (result.detected || (result.severity ?? 'safe') !== 'safe') flagged.add(category);
      return {
        text: choices[0]?.message.content ?? '',
        usage: {
          input: usage?.prompt_tokens ?? 0,
          cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
          output: usage?.completion_tokens ?? 0,
        },
        tokensLeft: Number(response.headers.get('x-ratelimit-remaining-tokens') ?? Number.NaN) || null,
        flagged: [...flagged],
      };
    } catch (error) {
      throw translated(error);
    }
  }
}

function translated(error: unknown): LlmError {
  const message = error instanceof Error ? error.message : 'unknown';
  if (error instanceof OpenAI.AuthenticationError || error instanceof OpenAI.PermissionDeniedError)
    return new LlmError('auth', message);
  if (error instanceof OpenAI.RateLimitError) {
    const seconds = error.headers?.get('retry-after');
    const wait = error.headers?.get('retry-after-ms') ?? (seconds && 1000 * Number(seconds));
    return new LlmError('rate_limit', message, wait ? Number(wait) : null);
  }
  if (error instanceof OpenAI.InternalServerError || error instanceof OpenAI.APIConnectionError)
    return new LlmError('outage', message);
  const blocked =
    error instanceof OpenAI.BadRequestError && /content_filter|invalid_prompt/.test(error.code ?? '');
  return new LlmError(blocked ? 'blocked' : 'invalid', message);
}

export function createClient(env: Env, getToken?: GetToken): LlmClient {
  return new Client(env, getToken);
}
