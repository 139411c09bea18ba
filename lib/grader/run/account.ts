import OpenAI, { AzureOpenAI } from 'openai';
import { dayOf } from '../../provider/day.ts';
import { findModel, modelFor } from '../../provider/models.ts';
import { type ModelPrice, PRICED, priceOf } from '../../provider/money.ts';

/** A real account, as the environment describes it. */
export interface Account {
  /** What requests ask for: at Azure the deployment. */
  model: string;
  /** The model behind it, as the catalogue names it. */
  priced: string;
  /** What a request costs that asks for this model: its own price, or that of the account's model. */
  priceFor(model: unknown): ModelPrice;
  /** What a chat request calls the most tokens of its answer: reasoning models refuse the older name. */
  outputCap: 'max_tokens' | 'max_completion_tokens';
  /** Texts that must not be shown. */
  secrets: string[];
  connect(fetch: typeof globalThis.fetch): OpenAI;
}

export type AccountChoice = { ok: true; account: Account } | { ok: false; problem: string };

/** Which account a live run uses: Azure OpenAI where its endpoint is set, else OpenAI. */
export function chooseAccount(env: NodeJS.ProcessEnv, today = dayOf()): AccountChoice {
  const vendor = env.AZURE_OPENAI_ENDPOINT ? 'azure' : 'openai';
  const choice = vendor === 'azure' ? azure(env) : openai(env);
  const lastDay = choice.ok ? findModel(choice.account.priced)?.lastDay[vendor] : undefined;
  if (!choice.ok || !lastDay || lastDay > today) return choice;
  const problem = `"${choice.account.priced}" had its last day on ${lastDay}. Set OPENAI_MODEL to a model that lives, for example ${modelFor('small')}.`;
  return { ok: false, problem };
}

function openai({
  OPENAI_API_KEY: apiKey,
  OPENAI_MODEL: model = modelFor('small'),
  OPENAI_BASE_URL: baseURL,
}: NodeJS.ProcessEnv): AccountChoice {
  if (!apiKey) return missing('OPENAI_API_KEY, or AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY');
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
    const price = priceOf(priced);
    const priceFor = (name: unknown) => (PRICED.includes(String(name)) ? priceOf(String(name)) : price);
    return { ok: true, account: { model, priced, priceFor, outputCap, secrets, connect } };
  } catch {
    const problem = `The price of "${priced}" is not known, so no budget can be kept. Set OPENAI_MODEL to a model with a known price.`;
    return { ok: false, problem };
  }
}

function missing(what: string): AccountChoice {
  return { ok: false, problem: `A live run needs ${what}, in the environment or in a file .env.` };
}
