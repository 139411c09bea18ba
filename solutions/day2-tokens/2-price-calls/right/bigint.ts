import type OpenAI from 'openai';
import type {
  CostRow,
  Lifetime,
  MediaUse,
  ModelPrice,
  Tier,
  Trial,
} from '#course/day2-tokens/contracts/price-calls.ts';

/** Prices in whole trillionths of a micro-dollar, so that nothing is lost before it is rounded. */
const UNIT = 1_000_000_000n;
const exact = (value: number) => BigInt(Math.round(value * 1e9));
const times = (a: bigint, factor: number) => (a * BigInt(Math.round(factor * 1e6))) / 1_000_000n;
const rounded = (value: bigint) => Number((2n * value + UNIT) / (2n * UNIT));

export function priceCall(
  usage: OpenAI.CompletionUsage,
  price: ModelPrice,
  tier: Tier,
  lifetime: Lifetime = '30m',
): number {
  const { cached_tokens: cached = 0, cache_write_tokens: written = 0 } = usage.prompt_tokens_details ?? {};
  const priceOfWrite = { '30m': price.cacheWrite, '12h': price.cacheWrite12h }[lifetime] ?? price.input;
  let input =
    BigInt(usage.prompt_tokens - (cached ?? 0) - (written ?? 0)) * exact(price.input) +
    BigInt(cached ?? 0) * exact(price.cachedInput) +
    BigInt(written ?? 0) * exact(priceOfWrite);
  let output = BigInt(usage.completion_tokens) * exact(price.output);
  const { longContext } = price;
  if (longContext && usage.prompt_tokens > longContext.aboveTokens) {
    input = times(input, longContext.inputFactor);
    output = times(output, longContext.outputFactor);
  }
  return rounded(times(input + output, price.tiers[tier]));
}

export function priceMedia(use: MediaUse): number {
  const micro = (count: number, usd: number) => rounded(BigInt(count) * exact(usd * 1e6));
  if (use.kind === 'images') return micro(use.count, use.usdEach);
  if (use.kind === 'video') return micro(Math.ceil(use.seconds / use.clipSeconds), use.usdPerClip);
  if (use.kind === 'audio')
    return rounded((BigInt(Math.ceil(use.seconds)) * exact(use.usdPerMinute * 1e6)) / 60n);
  let paid = 0;
  for (const requests of use.perHour) paid += requests > use.freePerHour ? requests - use.freePerHour : 0;
  return micro(paid, use.usdEach);
}

export function compare(trials: Trial[], prices: Record<string, ModelPrice>): CostRow[] {
  return Object.entries(prices).flatMap(([model, price]) => {
    const mine = trials.filter((trial) => trial.model === model);
    if (mine.length === 0) return [];
    const solved = mine.filter((trial) => trial.solved);
    let cost = 0;
    for (const { attempts } of mine)
      for (const usage of attempts) cost += priceCall(usage, price, 'standard');
    return { model, solvedShare: solved.length / mine.length, microUsdPerSolvedTask: cost / solved.length };
  });
}

export function advise(rows: CostRow[], current: string): string | null {
  const stay = rows.find((row) => row.model === current);
  const good = rows.filter(
    (row) =>
      stay &&
      row !== stay &&
      Math.round((stay.solvedShare - row.solvedShare) * 1e9) <= 1e7 &&
      Math.round((row.microUsdPerSolvedTask / stay.microUsdPerSolvedTask) * 1e9) <= 9e8,
  );
  good.sort((a, b) => a.microUsdPerSolvedTask - b.microUsdPerSolvedTask);
  return good[0]?.model ?? null;
}
