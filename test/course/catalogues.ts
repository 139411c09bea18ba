import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VARIANTS as NAMES } from '../../lib/cli/verify-catalogue.ts';
import shipped from '../../lib/provider/catalogue.json' with { type: 'json' };
import { type Random, randomFor } from '../../lib/provider/random.ts';

type Catalogue = typeof shipped;
type Changes = (catalogue: Catalogue) => void;

/** Catalogues that the course must stand besides the one it ships: last summer's, two that are drawn, one that always thinks. `wide-<seed>` draws any other. */
const VARIANTS: Record<(typeof NAMES)[number], Changes> = {
  /** GPT-5.6 as it was sold in August 2026: writes for thirty minutes only, a read at a tenth of the input. */
  august(catalogue) {
    catalogue.asOf = '2026-08-31';
    catalogue.roles.small.model = 'gpt-5.6-luna';
    catalogue.roles.middle.model = 'gpt-5.6-terra';
    catalogue.roles.strong.model = 'gpt-5.6-sol';
    catalogue.roles.thinker.model = 'gpt-5.5';
    catalogue.roles.thinker.needs = ['thinking'];
  },
  'wide-1': wide(1),
  'wide-2': wide(2),
  /** No model of this one can be kept from thinking. */
  'always-thinks'(catalogue) {
    for (const family of ['gpt-5.6', 'gpt-6'] as const) {
      const { efforts } = catalogue.families[family];
      catalogue.families[family].efforts = efforts.filter((effort) => effort !== 'none');
      // As with GPT-5, which thinks always and takes tools all the same.
      catalogue.families[family].toolsInChat = 'always';
    }
    for (const role of ['small', 'middle', 'strong'] as const)
      catalogue.roles[role].needs = catalogue.roles[role].needs.filter((need) => need !== 'effort-none');
  },
};

/** A catalogue by the name that `npm run verify -- catalogue` takes, or undefined. */
export function variant(name: string): Catalogue | undefined {
  const seed = /^wide-(\d+)$/.exec(name)?.[1];
  const change = Object.hasOwn(VARIANTS, name) ? VARIANTS[name as 'august'] : seed && wide(Number(seed));
  if (!change) return undefined;
  const catalogue = structuredClone(shipped);
  change(catalogue);
  return catalogue;
}

/** Writes a variant into a folder and returns its path. */
export function writeVariant(name: string, catalogue: Catalogue, dir: string): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(catalogue, null, 2));
  return file;
}

/**
 * What a coming year may bring, drawn by seed and wide: for each role price and pace from a quarter to four times, reads
 * and writes of any usual share, windows from 128,000 tokens, up to three times as much thinking. What costs more than
 * what stays as it is.
 */
function wide(seed: number): Changes {
  return (catalogue) => {
    const { tokens } = catalogue.thinking;
    const thinking = between(randomFor(seed, 'catalogue', 'thinking'), 1, 3);
    for (const [effort, median] of Object.entries(tokens))
      tokens[effort as 'low'] = Math.round(median * thinking);
    let least = 0;
    for (const role of ['small', 'middle', 'strong', 'thinker'] as const) {
      const random = randomFor(seed, 'catalogue', role);
      const model = catalogue.models[catalogue.roles[role].model as 'gpt-6-luna'];
      model.contextTokens = Math.round(between(random, 128_000, 2_000_000));
      model.maxInputTokens = Math.min(922_000, model.contextTokens);
      const { price, pace } = model;
      least = drawPrice(random, price, least);
      pace.ttftMs = Math.round(pace.ttftMs * between(random, 1 / 4, 4));
      const speed = between(random, 1 / 4, 4);
      pace.outputPerSec = Math.round(pace.outputPerSec * speed);
      pace.prefillPerSec = Math.round(pace.prefillPerSec * speed);
    }
  };
}

type Price = Catalogue['models']['gpt-6-luna']['price'];

/** Returns twice the price of the input, below which the next stronger role's is not drawn. */
function drawPrice(random: Random, price: Price, least: number): number {
  const usd = (value: number) => Math.round(value * 1e4) / 1e4;
  const input = Math.max(least, price.input * between(random, 1 / 4, 4));
  // Output costs two to fifteen times as much as input.
  price.output = usd(Math.max(2 * input, Math.min(15 * input, price.output * between(random, 1 / 4, 4))));
  price.input = usd(input);
  price.cachedInput = usd(input * between(random, 0.02, 0.5));
  const write = between(random, 1, 2);
  price.cacheWrite = { '30m': usd(input * write), '12h': usd(input * Math.max(2, write)) };
  return 2 * price.input;
}

function between(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.next();
}
