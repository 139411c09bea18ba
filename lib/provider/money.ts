import catalogue from './catalogue.json' with { type: 'json' };

/** What a model costs, in USD per million tokens, as vendors publish it. */
export interface ModelPrice {
  input: number;
  /** Input read from the provider's prompt cache. Without it, cached input costs as much as other input. */
  cachedInput?: number;
  /** Input written to the prompt cache, where writing has a price of its own. */
  cacheWrite?: number;
  /** The same by how long it is kept at least, where there is more than one price: "30m", "12h". */
  cacheWrites?: Record<string, number>;
  output: number;
  /** Calls with more input than this pay more for all of it. */
  longContext?: { aboveTokens: number; inputFactor: number; outputFactor: number };
  /** Share of it in other tiers. */
  tiers?: { batch?: number; flex?: number; fast?: number };
  /** Key into `sources` of the catalogue. */
  source: string;
}

export type Tier = 'standard' | 'batch' | 'flex' | 'fast';
/** Batches and flex requests cost half, fast ones twice as much (OpenAI's guides), where the catalogue says nothing else. */
const TIER_FACTOR: Record<Tier, number> = { standard: 1, batch: 0.5, flex: 0.5, fast: 2 };

/**
 * Tokens of one call, as a bill sees them: cached and written tokens are part of the input, reasoning tokens part of
 * the output.
 */
export interface Tokens {
  input: number;
  cached: number;
  output: number;
  /** Part of `output`: thought before the answer. */
  reasoning?: number;
  /** Part of `input`: written to the prompt cache at its own price. */
  cacheWrite?: number;
  /** Part of `cacheWrite`: written to be kept for twelve hours at least, which has a price of its own. */
  cacheWrite12h?: number;
}

export const PRICES_AS_OF = catalogue.asOf;
type PerSize = Record<string, number | string>;
const MEDIA = catalogue.models as unknown as Record<
  string,
  { images?: PerSize; speech?: { perMillionCharacters: number } } | undefined
>;

/** A price as the catalogue has it. */
interface CataloguePrice extends Omit<ModelPrice, 'cacheWrite'> {
  /** By how long an entry is kept at least: "30m", "12h". */
  cacheWrite?: Record<string, number>;
}

interface Entry {
  price?: CataloguePrice;
  family: string;
  tiers?: ModelPrice['tiers'];
}

const FAMILIES = catalogue.families as Record<string, Pick<Entry, 'tiers'>>;

/** Prices of the catalogue's models, and of others that labs only count with. Writing costs what it does for the shortest time. */
const PRICES = new Map(
  Object.entries(catalogue.models as unknown as Record<string, Entry>)
    .map(
      ([model, { price, family, tiers = FAMILIES[family]?.tiers }]): [string, CataloguePrice | undefined] => [
        model,
        price && { ...price, ...(tiers && { tiers }) },
      ],
    )
    .concat(Object.entries(catalogue.otherPrices as unknown as Record<string, CataloguePrice>))
    .flatMap(([model, price]): [string, ModelPrice][] => {
      if (!price) return [];
      const { cacheWrite, ...rest } = price;
      const [shortest] = Object.values(cacheWrite ?? {});
      if (shortest === undefined) return [[model, rest]];
      return [[model, { ...rest, cacheWrite: shortest, cacheWrites: cacheWrite as Record<string, number> }]];
    }),
);

/** Names of everything that has a price. */
export const PRICED = [...PRICES.keys()];

/** The price of a model of the dated catalogue. */
export function priceOf(model: string): ModelPrice {
  const found = PRICES.get(model);
  if (!found)
    throw new Error(`No price for the model "${model}". Priced are: ${[...PRICES.keys()].join(', ')}.`);
  return found;
}

/**
 * What a call costs, in whole millionths of a millionth of a dollar. USD per million tokens is micro-dollars per
 * token, and every published price is a whole number of pico-dollars per token, so sums are exact.
 */
export function costPicoUsd(tokens: Tokens, price: ModelPrice, tier: Tier = 'standard'): number {
  const { input, cached, output, cacheWrite = 0, cacheWrite12h = 0 } = tokens;
  const long = price.longContext && input > price.longContext.aboveTokens ? price.longContext : undefined;
  const share = (tier !== 'standard' && price.tiers?.[tier]) || TIER_FACTOR[tier];
  const inputFactor = share * (long?.inputFactor ?? 1);
  const outputFactor = share * (long?.outputFactor ?? 1);
  const write = price.cacheWrite ?? price.input;
  return (
    (input - cached - cacheWrite) * pico(price.input * inputFactor) +
    cached * pico((price.cachedInput ?? price.input) * inputFactor) +
    (cacheWrite - cacheWrite12h) * pico(write * inputFactor) +
    cacheWrite12h * pico((price.cacheWrites?.['12h'] ?? write) * inputFactor) +
    output * pico(price.output * outputFactor)
  );
}

/** What a call costs, in whole micro-dollars: rounded once, half up. */
export function costMicroUsd(tokens: Tokens, price: ModelPrice, tier: Tier = 'standard'): number {
  return microUsd(costPicoUsd(tokens, price, tier));
}

/** Pico-dollars as whole micro-dollars, rounded half up. */
export function microUsd(picoUsd: number): number {
  return Math.floor((picoUsd + PICO / 2) / PICO);
}

/** One image, in pico-dollars; undefined where the model has no such quality and size. */
export function imagePicoUsd(model: string, quality: string, size: string): number | undefined {
  const usd = MEDIA[model]?.images?.[`${quality} ${size}`];
  return typeof usd === 'number' ? usdToPico(usd) : undefined;
}

/** Spoken text, in pico-dollars; undefined where the model does not speak. */
export function speechPicoUsd(model: string, characters: number): number | undefined {
  const price = MEDIA[model]?.speech;
  return price && characters * pico(price.perMillionCharacters);
}

export function usdToPico(usd: number): number {
  return Math.round(usd * PICO * PICO);
}

const PICO = 1_000_000;

function pico(usdPerMillion: number): number {
  return Math.round(usdPerMillion * PICO);
}
