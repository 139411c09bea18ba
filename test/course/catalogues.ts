import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VARIANTS as NAMES } from '../../lib/cli/verify-catalogue.ts';
import shipped from '../../lib/provider/catalogue.json' with { type: 'json' };
import { type Random, randomFor } from '../../lib/provider/random.ts';

type Catalogue = typeof shipped;
type Changes = (catalogue: Catalogue) => void;

/** Catalogues that the course must stand besides the one it ships: last summer's, two that are drawn, one that always thinks. */
const VARIANTS: Record<(typeof NAMES)[number], Changes> = {
  /** GPT-5.6 as it was sold in August 2026: writes for thirty minutes only, a read at a tenth of the input. */
  august(catalogue) {
    catalogue.asOf = '2026-08-31';
    catalogue.roles.small.model = 'gpt-5.6-luna';
    catalogue.roles.middle.model = 'gpt-5.6-terra';
    catalogue.roles.strong.model = 'gpt-5.6-sol';
    catalogue.roles.thinker.model = 'gpt-5.5';
    catalogue.roles.thinker.needs = ['thinking', 'schemas'];
  },
  'drawn-1': drawnWith(1),
  'drawn-2': drawnWith(2),
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

/** The names that `npm run verify -- catalogue` takes. */
export function isVariant(name: string): name is keyof typeof VARIANTS {
  return Object.hasOwn(VARIANTS, name);
}

/** Writes one of the variants into a folder and returns its path. */
export function writeVariant(name: keyof typeof VARIANTS, dir: string): string {
  const catalogue = structuredClone(shipped);
  VARIANTS[name](catalogue);
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(catalogue, null, 2));
  return file;
}

/** Prices, pace and share of a read as they may stand in a year: one factor for each family of roles, and one for each model. */
function drawnWith(seed: number): Changes {
  return (catalogue) => {
    const between = (random: Random, low: number, high: number) => low * (high / low) ** random.next();
    for (const role of ['small', 'middle', 'strong', 'thinker'] as const) {
      const random = randomFor(seed, 'catalogue', role);
      const model = catalogue.models[catalogue.roles[role].model as 'gpt-6-luna'];
      const factor = between(random, 0.5, 1.25);
      const whole = (usd: number) => Math.round(usd * factor * 1e4) / 1e4;
      const { price, pace } = model;
      price.input = whole(price.input);
      price.output = whole(price.output);
      price.cachedInput = whole(price.cachedInput * between(random, 0.7, 1.4));
      for (const [lifetime, usd] of Object.entries(price.cacheWrite))
        price.cacheWrite[lifetime as '30m'] = whole(usd);
      pace.ttftMs = Math.round(pace.ttftMs * between(random, 0.6, 1.3));
      pace.outputPerSec = Math.round(pace.outputPerSec * between(random, 0.8, 2));
    }
  };
}
