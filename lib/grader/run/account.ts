import OpenAI, { AzureOpenAI } from 'openai';
import { findModel } from '../../provider/models.ts';
import { type ModelPrice, priceOf } from '../../provider/money.ts';

/** A real account, as the environment describes it. */
export interface Account {
  model: string;
  price: ModelPrice;
  /** What a chat request calls the most tokens of its answer: reasoning models refuse the older name. */
  outputCap: 'max_tokens' | 'max_completion_tokens';
  /** Texts that must not be shown. */
  secrets: string[];
  connect(fetch: typeof globalThis.fetch): OpenAI;
}

export type AccountChoice = { ok: true; account: Account } | { ok: false; problem: string };

/** Which account a live run uses: Azure OpenAI where its endpoint is set, else OpenAI. */
export function chooseAccount(env: NodeJS.ProcessEnv): AccountChoice {
  return env.AZURE_OPENAI_ENDPOINT ? azure(env) : openai(env);
}

function openai({
  OPENAI_API_KEY: apiKey,
  OPENAI_MODEL: model,
  OPENAI_BASE_URL: baseURL,
}: NodeJS.ProcessEnv): AccountChoice {
  if (!apiKey) return missing('OPENAI_API_KEY, or AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY');
  if (!model) return missing('OPENAI_MODEL, for example gpt-4o-mini');
  return withPrice(
    model,
    model,
    [apiKey],
    (fetch) => new OpenAI({ apiKey, ...(baseURL && { baseURL }), fetch, maxRetries: 0 }),
  );
}

function azure(env: NodeJS.ProcessEnv): AccountChoice {
  const {
    AZURE_OPENAI_API_KEY: apiKey,
    AZURE_OPENAI_DEPLOYMENT: deployment,
    AZURE_OPENAI_ENDPOINT: endpoint,
  } = env;
  if (!apiKey) return missing('AZURE_OPENAI_API_KEY');
  if (!deployment) return missing('AZURE_OPENAI_DEPLOYMENT');
  const apiVersion = env.AZURE_OPENAI_API_VERSION ?? '2024-10-21';
  return withPrice(deployment, env.OPENAI_MODEL ?? deployment, [apiKey], (fetch) => {
    return new AzureOpenAI({ apiKey, endpoint, apiVersion, deployment, fetch, maxRetries: 0 });
  });
}

function withPrice(
  model: string,
  priced: string,
  secrets: string[],
  connect: Account['connect'],
): AccountChoice {
  try {
    const outputCap = findModel(priced)?.outputCap ?? 'max_completion_tokens';
    return { ok: true, account: { model, price: priceOf(priced), outputCap, secrets, connect } };
  } catch {
    const problem = `The price of "${priced}" is not known, so no budget can be kept. Set OPENAI_MODEL to a model with a known price.`;
    return { ok: false, problem };
  }
}

function missing(what: string): AccountChoice {
  return { ok: false, problem: `A live run needs ${what}, in the environment or in a file .env.` };
}
