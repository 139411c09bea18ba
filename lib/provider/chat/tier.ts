import catalogue from '../catalogue.json' with { type: 'json' };
import type { Model } from '../models.ts';
import type { Tier } from '../money.ts';

/** A tier as answers name it. */
export type AnsweredTier = 'default' | 'flex' | 'fast' | 'priority';

/** The tier that a request asks for. `priority` is the older name of `fast` (OpenAI's fast mode guide, 30 July 2026). */
export function tierOf(asked: string | null | undefined): Exclude<Tier, 'batch'> {
  if (asked === 'flex') return 'flex';
  return asked === 'fast' || asked === 'priority' ? 'fast' : 'standard';
}

/** What `service_tier` of the answer says. GPT-5.6 and older say `priority` whichever name was sent (vercel/ai#18589). */
export function tierInAnswer(tier: Tier, { fastIsCalled }: Model): AnsweredTier {
  if (tier === 'fast') return fastIsCalled ?? 'priority';
  return tier === 'flex' ? 'flex' : 'default';
}

/** How many times longer everything takes on these terms. */
export function tierSlowdown(tier: Tier): number {
  return tier === 'flex' || tier === 'fast' ? 1 / catalogue.tierSpeed[tier] : 1;
}
