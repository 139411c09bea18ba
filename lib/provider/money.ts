import prices from './prices.json' with { type: 'json' };

/** What a model costs, in USD per million tokens, as vendors publish it. */
export interface ModelPrice {
  input: number;
  /** Input read from the provider's prompt cache. Without it, cached input costs as much as other input. */
  cachedInput?: number;
  output: number;
  /** Key into `sources` of the price file. */
  source: string;
}

/** Tokens of one call, as a bill sees them: cached tokens are part of the input, reasoning tokens part of the output. */
export interface Tokens {
  input: number;
  cached: number;
  output: number;
}

export const PRICES_AS_OF = prices.asOf;
const MODELS = prices.models as Record<string, ModelPrice | undefined>;

/** The price of a model of the dated price file. */
export function priceOf(model: string): ModelPrice {
  const price = MODELS[model];
  if (!price)
    throw new Error(`No price for the model "${model}". Priced are: ${Object.keys(MODELS).join(', ')}.`);
  return price;
}

/**
 * What a call costs, in whole millionths of a dollar. USD per million tokens is micro-dollars per token; each price is
 * first made a whole number of pico-dollars, so that all sums are exact, and the total is rounded once, half up.
 */
export function costMicroUsd(tokens: Tokens, price: ModelPrice): number {
  const cached = pico(price.cachedInput ?? price.input);
  const total =
    (tokens.input - tokens.cached) * pico(price.input) +
    tokens.cached * cached +
    tokens.output * pico(price.output);
  return Math.floor((total + PICO / 2) / PICO);
}

const PICO = 1_000_000;

function pico(usdPerMillion: number): number {
  return Math.round(usdPerMillion * PICO);
}
