import type OpenAI from 'openai';
import type {
  CostRow,
  Lifetime,
  MediaUse,
  ModelPrice,
  Tier,
  Trial,
} from '#course/day2-tokens/contracts/price-calls.ts';

/** What a call costs, in whole millionths of a dollar, rounded half up. */
export function priceCall(
  usage: OpenAI.CompletionUsage,
  price: ModelPrice,
  _tier: Tier,
  _lifetime: Lifetime = '30m',
): number {
  // TODO: a bill has more than one price.
  return Math.round(usage.total_tokens * price.input);
}

export function priceMedia(use: MediaUse): number {
  return use.kind === 'images' ? Math.round(use.count * use.usdEach * 1e6) : 0;
}

export function compare(trials: Trial[], prices: Record<string, ModelPrice>): CostRow[] {
  const rows = Object.entries(prices).map(([model, { input }]) => ({ model, microUsdPerSolvedTask: input }));
  return rows.map((row) => ({ ...row, solvedShare: trials.length > 0 ? 1 : 0 }));
}

/** The model to switch to: at most 1 point fewer tasks solved, at least 10 % cheaper; null if none is worth it. */
export function advise(rows: CostRow[], _current: string): string | null {
  return rows.toSorted((a, b) => a.microUsdPerSolvedTask - b.microUsdPerSolvedTask)[0]?.model ?? null;
}
