/** What a model costs, in USD per million tokens, as vendors publish it. */
export interface ModelPrice {
  input: number;
  /** Input read from the provider's prompt cache. Without it, cached input costs as much as other input. */
  cachedInput?: number;
  /** Input written to the prompt cache, where writing has a price of its own. */
  cacheWrite?: number;
  output: number;
  /** Calls with more input than this pay more for all of it. */
  longContext?: { aboveTokens: number; inputFactor: number; outputFactor: number };
  /** Key into `sources` of the catalogue. */
  source: string;
}
