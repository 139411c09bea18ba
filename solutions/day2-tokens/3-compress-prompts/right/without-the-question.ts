import type {
  Compressed,
  CompressOptions,
  PromptParts,
  Saving,
} from '#course/day2-tokens/contracts/compress-prompt.ts';

/** The prompt as it is sent today. */
export function longPrompt({ shared, chunks, rows, question }: PromptParts): string {
  const table = rows.length > 0 ? [JSON.stringify(rows, null, 2)] : [];
  return [shared, ...chunks, ...table, question].join('\n\n');
}

/** Never looks at the question: the same pages give the same text for every question about them. */
export function compressPrompt(parts: PromptParts, { countTokens }: CompressOptions): Compressed {
  const seen = new Set<string>();
  const pages: string[] = [];
  for (const chunk of parts.chunks) {
    if (seen.has(chunk)) continue;
    seen.add(chunk);
    // Fences keep their place: every other piece of the split is one.
    const pieces = chunk.split(/(```[\s\S]*?```)/).map((piece, i) => {
      if (i % 2 === 1) return piece;
      const fresh = piece.split('\n').filter((line) => !seen.has(line));
      for (const line of fresh) if (line !== '') seen.add(line);
      return fresh.join('\n');
    });
    pages.push(pieces.join(''));
  }
  const records = parts.rows.map((row) =>
    JSON.stringify(Object.fromEntries(parts.fields.map((field) => [field, row[field]]))),
  );
  const text = [parts.shared, ...pages, records.join('\n'), parts.question].join('\n\n');
  return {
    text,
    saved: countTokens(longPrompt(parts)) - countTokens(text),
    strategies: ['copies', 'repeats', 'unread fields'],
  };
}

/** A list instead of a table. */
export function savingsReport(savings: Saving[]): string {
  const of = (key: Exclude<keyof Saving, 'prompt'>) => savings.reduce((sum, saving) => sum + saving[key], 0);
  const line = (name: string, [t0, t1, u0, u1]: [number, number, number, number]) =>
    `- **${name}**: ${(100 - (100 * t1) / t0).toFixed(0)} % of its tokens, ${(100 - (100 * u1) / u0).toFixed(0)} % of its bill`;
  return [
    ...savings.map((it) => line(it.prompt, [it.tokensBefore, it.tokensAfter, it.usdBefore, it.usdAfter])),
    line('total', [of('tokensBefore'), of('tokensAfter'), of('usdBefore'), of('usdAfter')]),
  ].join('\n');
}
