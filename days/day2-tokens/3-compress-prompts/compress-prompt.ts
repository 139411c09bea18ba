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

export function compressPrompt(parts: PromptParts, { countTokens }: CompressOptions): Compressed {
  // TODO: this removes blanks at the ends of lines, and little else is gained by it.
  const long = longPrompt(parts);
  const text = long.replace(/[ \t]+$/gm, '');
  return { text, saved: countTokens(long) - countTokens(text), strategies: ['trailing blanks'] };
}

/** Markdown: a line for each prompt with the share of tokens and of dollars saved (`41 %`), and one for the `total`. */
export function savingsReport(savings: Saving[]): string {
  return savings.map(({ prompt }) => `- ${prompt}: shorter`).join('\n');
}
