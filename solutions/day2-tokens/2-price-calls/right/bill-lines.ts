import type OpenAI from 'openai';
import type {
  CostRow,
  Lifetime,
  MediaUse,
  ModelPrice,
  Tier,
  Trial,
} from '#course/day2-tokens/contracts/price-calls.ts';

/** A bill as lines of tokens and price, added up in BigInt. */
export function priceCall(
  usage: OpenAI.CompletionUsage,
  price: ModelPrice,
  tier: Tier,
  lifetime?: Lifetime,
): number {
  const { input, cacheWrite = input, cacheWrite12h = cacheWrite } = price;
  const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = usage.prompt_tokens_details ?? {};
  const long = usage.prompt_tokens > (price.longContext?.aboveTokens ?? Number.POSITIVE_INFINITY);
  const [more, moreOut] = long
    ? [price.longContext?.inputFactor ?? 1, price.longContext?.outputFactor ?? 1]
    : [1, 1];
  const lines: [tokens: number, usd: number][] = [
    [usage.prompt_tokens - read - written, price.input * more],
    [read, price.cachedInput * more],
    [written, (lifetime === '12h' ? cacheWrite12h : cacheWrite) * more],
    [usage.completion_tokens, price.output * moreOut],
  ];
  const exact = lines.reduce(
    (sum, [tokens, usd]) => sum + BigInt(tokens) * BigInt(Math.round(usd * price.tiers[tier] * 1e6)),
    500_000n,
  );
  return Number(exact / 1_000_000n);
}

export function priceMedia(use: MediaUse): number {
  switch (use.kind) {
    case 'images':
      return use.count * Math.round(use.usdEach * 1e6);
    case 'video':
      return Math.ceil(use.seconds / use.clipSeconds) * Math.round(use.usdPerClip * 1e6);
    case 'audio':
      return Math.round((use.seconds * Math.round(use.usdPerMinute * 1e6)) / 60);
    case 'requests': {
      const paid = use.perHour.reduce((sum, count) => sum + Math.max(0, count - use.freePerHour), 0);
      return paid * Math.round(use.usdEach * 1e6);
    }
  }
}

export function compare(trials: Trial[], prices: Record<string, ModelPrice>): CostRow[] {
  const sums = new Map(Object.keys(prices).map((model) => [model, { cost: 0, solved: 0, tasks: 0 }]));
  for (const { model, attempts, solved } of trials) {
    const sum = sums.get(model);
    const price = prices[model];
    if (!sum || !price) continue;
    sum.tasks += 1;
    if (solved) sum.solved += 1;
    for (const usage of attempts) sum.cost += priceCall(usage, price, 'standard');
  }
  return [...sums].map(([model, { cost, solved, tasks }]) => ({
    model,
    solvedShare: solved / tasks,
    microUsdPerSolvedTask: cost / solved,
  }));
}

/** The model to switch to: at most 1 point fewer tasks solved, at least 10 % cheaper; null if none is worth it. */
export function advise(rows: CostRow[], current: string): string | null {
  const now = rows.find((row) => row.model === current);
  if (!now) return null;
  const better = rows
    .filter((row) => now.solvedShare - row.solvedShare <= 0.01 + 1e-9)
    .filter((row) => row.microUsdPerSolvedTask <= now.microUsdPerSolvedTask * 0.9)
    .toSorted((a, b) => a.microUsdPerSolvedTask - b.microUsdPerSolvedTask);
  return better[0]?.model ?? null;
}
