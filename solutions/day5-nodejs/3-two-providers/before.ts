// Adds Azure's fields to the types of the SDK.
import type {} from '@azure/openai/types';
import OpenAI from 'openai';
import type { Env, ErrorKind, GetToken, LlmClient } from '#course/day5-nodejs/contracts/client.ts';

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
export function createClient(env: Env, _getToken?: GetToken): LlmClient {
  return {
    async ask(prompt) {
      // TODO: this knows OpenAI only, makes an SDK client for each question, and calls every failure an outage.
      try {
        const client = new OpenAI({ apiKey: env.OPENAI_API_KEY, baseURL: 'https://api.openai.com/v1' });
        const completion = await client.chat.completions.create({
          model: env.OPENAI_MODEL ?? '',
          // Left out, the model thinks first: slower, and billed.
          reasoning_effort: env.OPENAI_REASONING_EFFORT as OpenAI.ReasoningEffort,
          messages: [{ role: 'user', content: prompt }],
        });
        const usage = { input: completion.usage?.prompt_tokens ?? 0, cached: 0, output: 0 };
        return { text: completion.choices[0]?.message.content ?? '', usage, tokensLeft: null, flagged: [] };
      } catch (error) {
        throw new LlmError('outage', `${error} (env: ${JSON.stringify(env)})`);
      }
    },
  };
}
