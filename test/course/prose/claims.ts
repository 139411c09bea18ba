import { expect } from 'vitest';
import { findModel, MODEL_NAMES, modelFor } from '../../../lib/provider/models.ts';
import { type ModelPrice, PRICES_AS_OF, priceOf } from '../../../lib/provider/money.ts';
import { printedPhrases } from '../reprint.ts';

export interface Claim {
  because: string;
  /** Left out where the sentences themselves are made from the catalogue. */
  holds?: () => void;
  said: readonly string[];
}

const [small, middle, strong, thinker] = (['small', 'middle', 'strong', 'thinker'] as const).map((role) =>
  priceOf(modelFor(role)),
) as [ModelPrice, ModelPrice, ModelPrice, ModelPrice];
const ofRoles = [small, middle, strong, thinker];
const chats = MODEL_NAMES.flatMap((name) => {
  const model = findModel(name);
  return model?.kind === 'chat' ? [{ name, ...model }] : [];
});
const living = MODEL_NAMES.filter((name) => {
  const { kind, family, lastDay } = findModel(name) ?? {};
  return kind === 'chat' && family?.startsWith('gpt-6') && lastDay?.openai === null;
}).map(priceOf);
const CAPSTONE = 'solutions/day5-nodejs/8-contentflow/NOTES.md';

/** What has to be true, and what the texts say because it is. Lessons whose sentences have figures have theirs in their tests. */
export const CLAIMS: readonly Claim[] = [
  {
    because: 'output costs five times as much as input',
    holds: () => {
      for (const { input, output } of [small, middle, strong]) expect(output / input).toBeCloseTo(5);
    },
    said: [
      'Output costs five times as much as input',
      'Output is five times the price of input',
      'since output costs five times as much',
      'output several times as much',
    ],
  },
  {
    because: 'a read costs a tenth to a twentieth of the input',
    holds: () => {
      const shares = living.map(({ input, cachedInput = input }) => (cachedInput / input).toFixed(2)).sort();
      expect([shares[0], shares.at(-1)]).toEqual(['0.05', '0.10']);
      for (const { input, cachedInput = input } of ofRoles)
        expect(cachedInput / input).toBeLessThanOrEqual(0.1);
    },
    said: [
      'a tenth to a twentieth of the price',
      'They cost a tenth to a twentieth',
      'Cached tokens cost a tenth or less',
      'a read a tenth of it or less',
      'A read costs a tenth or less',
      'A read costs a tenth of other input or less, a write more than it, a thought as much as an answer',
      'Cached tokens cost a tenth and output stays',
      'Cached tokens cost a small part of others',
      'They are cheaper, not free',
      'what is not found here is cheaper there',
    ],
  },
  {
    because: 'a write costs more than plain input',
    holds: () => {
      for (const { input, cacheWrite = 0 } of ofRoles) expect(cacheWrite).toBeGreaterThan(input);
    },
    said: [
      'The layout alone is worth nothing by the stricter report, and costs more than no cache at all',
      'a write costs more than input that is not cached at all',
      'a write costs more than plain input',
      'A write costs more than plain input',
      'each write costs more than plain input',
      'A write costs more than input',
      'and written ones more than input',
      'a write more than input',
      'A prompt that is sent once costs more than without a cache',
      'costs more than without a cache',
    ],
  },
  {
    because: 'twelve hours cost twice the write of thirty minutes',
    holds: () => {
      for (const { cacheWrites = {} } of ofRoles)
        expect((cacheWrites['12h'] ?? 0) / (cacheWrites['30m'] ?? 1)).toBeCloseTo(2);
    },
    said: [
      'Twelve hours cost twice the write of thirty minutes',
      'kept for twelve hours costs twice as much as what is kept for thirty minutes',
      'costs twice the write of thirty minutes',
      'twelve hours at a higher price for writing',
    ],
  },
  {
    because: 'batch and flex are half the price, fast is twice with most models',
    holds: () => {
      const factors = (tier: string) =>
        living.flatMap(({ tiers = {} }) => (tiers as Record<string, number>)[tier] ?? []);
      expect(new Set([...factors('batch'), ...factors('flex')])).toEqual(new Set([0.5]));
      expect(factors('fast').filter((it) => it === 2).length).toBeGreaterThan(factors('fast').length / 2);
    },
    said: [
      'batch and flex are half the price, fast is twice with most models',
      'Batch and flex are half the price; fast is twice',
      'What can wait some minutes is half the price on flex terms',
      'batch and flex (half the price), fast (twice',
      'Many answers at half the price',
      'For half the price within minutes there is flex',
      'half the list price for input and output',
      'may take 24 hours at half the price',
      'no promise) at half the price',
      'input and output at half the list price',
      'Half the price for an answer that comes too late',
      'Works, at twice the price',
      'Flex answers within minutes at half the price',
      'It costs half. The estimate is twice the price',
      'both cost half',
      'Tags go into a batch: half the price',
    ],
  },
  {
    because: 'the small model costs a twentieth of the strong one',
    holds: () => {
      expect(strong.input / small.input).toBeCloseTo(20);
      expect(strong.output / small.output).toBeCloseTo(20);
    },
    said: [
      'come out right on a model that costs a twentieth',
      'A model that costs a twentieth per token',
      'since the small model costs a twentieth of the strong one',
    ],
  },
  {
    because: 'the GPT-6 models lie a hundredfold apart',
    holds: () => {
      const inputs = living.map(({ input }) => input);
      expect(Math.max(...inputs) / Math.min(...inputs)).toBeCloseTo(100);
    },
    said: ['the most expensive GPT-6 model costs a hundred times what the cheapest does'],
  },
  {
    because: 'a long prompt costs twice as much for all of its input',
    holds: () => {
      const steps = living.flatMap(({ longContext }) => longContext ?? []);
      expect(steps.length).toBeGreaterThan(0);
      for (const { aboveTokens, inputFactor } of steps)
        expect([aboveTokens, inputFactor]).toEqual([272_000, 2]);
    },
    said: [
      'one token more than 272,000 doubles the price of all input',
      'A prompt that was cut to fit exactly pays double on paper',
      'A prompt cut to fit pays double on paper',
    ],
  },
  {
    because: 'a model that is told nothing thinks first, and takes no temperature while it does',
    holds: () => {
      for (const role of ['small', 'thinker'] as const) {
        const { defaultEffort, sampling } = findModel(modelFor(role)) ?? {};
        expect(defaultEffort).not.toBe('none');
        expect(sampling).not.toBe('always');
      }
      expect(findModel(modelFor('thinker'))?.efforts).not.toContain('none');
    },
    said: [
      'Left to itself the same model thinks first',
      'The model thinks before each answer, and that is billed as output',
      'Some models cannot be told `none`',
      'models that think refuse one',
      'Right until the model thinks: then it takes no temperature',
    ],
  },
  {
    because: 'since GPT-5.6 a prompt is cached up to breakpoints',
    holds: () => {
      expect(findModel('gpt-5.5')?.promptCache).toBe('prefix');
      for (const { name, promptCache } of chats.filter(({ family }) => /^gpt-(5\.6|6)/.test(family)))
        expect(promptCache, name).toBe('breakpoint');
    },
    said: [
      'GPT-5.6 and later cache up to',
      'Until GPT-5.5 that was all. Since then the cache works up to',
      'Until GPT-5.5 the first step was all',
      'So it was until GPT-5.5. Now a prefix is found at breakpoints only',
      'Enough until GPT-5.5',
    ],
  },
  {
    because: 'with GPT-5.5 fast costs two and a half times as much',
    holds: () => expect((findModel('gpt-5.5') as { tiers: { fast?: number } }).tiers.fast).toBe(2.5),
    said: ['with GPT-5.5 two and a half times'],
  },
  {
    because: 'the catalogue has these days',
    said: [
      `GPT-4o mini ended on Azure on ${lastDay('azure')} and ends at OpenAI on ${lastDay('openai')}`,
      `on ${lastDay('openai')} (OpenAI, deprecations)`,
      `All prices are as of ${monthOf(PRICES_AS_OF)}`,
      `a tenth to a twentieth of the price, as of ${monthOf(PRICES_AS_OF)}`,
      `As of ${monthOf(PRICES_AS_OF)} the most expensive GPT-6 model`,
    ],
  },
  {
    because: 'over the day, the capstone finds seven in ten of its answers in its cache',
    holds: () => {
      const [, , , hits = ''] =
        /\| assistant \|(.*?)\|(.*?)\| ([\d.]+) %/.exec(
          printedPhrases(CAPSTONE)['strategy: assistant'] ?? '',
        ) ?? [];
      expect(Math.abs(Number(hits) / 100 - 0.7)).toBeLessThan(0.05);
    },
    said: ['over the day it finds about seven in ten'],
  },
];

function lastDay(platform: 'openai' | 'azure'): string {
  return inFull(findModel('gpt-4o-mini')?.lastDay[platform] ?? '', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
}

function monthOf(date: string): string {
  return inFull(date, { month: 'long', year: 'numeric' });
}

function inFull(date: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' }).format(new Date(date));
}
