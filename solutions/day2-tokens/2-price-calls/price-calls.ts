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
  tier: Tier,
  lifetime: Lifetime = '30m',
): number {
  const input = usage.prompt_tokens;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const written = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  const long = price.longContext && input > price.longContext.aboveTokens ? price.longContext : undefined;
  const write = (lifetime === '12h' ? price.cacheWrite12h : undefined) ?? price.cacheWrite ?? price.input;
  const inputFactor = price.tiers[tier] * (long?.inputFactor ?? 1);
  const outputFactor = price.tiers[tier] * (long?.outputFactor ?? 1);
  return inMicroUsd(
    (input - cached - written) * perToken(price.input * inputFactor) +
      cached * perToken(price.cachedInput * inputFactor) +
      written * perToken(write * inputFactor) +
      usage.completion_tokens * perToken(price.output * outputFactor),
  );
}

const MILLION = 1_000_000;

/** USD per million tokens is micro-dollars per token; in millionths of those every price is a whole number. */
function perToken(usdPerMillion: number): number {
  return Math.round(usdPerMillion * MILLION);
}

function inMicroUsd(millionths: number): number {
  return Math.floor((millionths + MILLION / 2) / MILLION);
}

export function priceMedia(use: MediaUse): number {
  switch (use.kind) {
    case 'images':
      return use.count * Math.round(use.usdEach * MILLION);
    case 'video':
      return Math.ceil(use.seconds / use.clipSeconds) * Math.round(use.usdPerClip * MILLION);
    case 'audio':
      return Math.round((use.seconds * Math.round(use.usdPerMinute * MILLION)) / 60);
    case 'requests': {
      const paid = use.perHour.reduce((sum, count) => sum + Math.max(0, count - use.freePerHour), 0);
      return paid * Math.round(use.usdEach * MILLION);
    }
  }
}

export function compare(trials: Trial[], prices: Record<string, ModelPrice>): CostRow[] {
  return Object.entries(prices).map(([model, price]) => {
    const mine = trials.filter((trial) => trial.model === model);
    const solved = mine.filter((trial) => trial.solved).length;
    const calls = mine.flatMap((trial) => trial.attempts);
    const cost = calls.reduce((sum, usage) => sum + priceCall(usage, price, 'standard'), 0);
    return { model, solvedShare: solved / mine.length, microUsdPerSolvedTask: cost / solved };
  });
}

/** The model to switch to: at most 1 point fewer tasks solved, at least 10 % cheaper; null if none is worth it. */
export function advise(rows: CostRow[], current: string): string | null {
  const now = rows.find((row) => row.model === current) as CostRow;
  const better = rows
    .filter((row) => now.solvedShare - row.solvedShare <= 0.01 + 1e-9)
    .filter((row) => row.microUsdPerSolvedTask <= now.microUsdPerSolvedTask * 0.9)
    .toSorted((a, b) => a.microUsdPerSolvedTask - b.microUsdPerSolvedTask);
  return better[0]?.model ?? null;
}
