/** A prompt in the parts it is put together from. */
export interface PromptParts {
  /** Rules and examples: the same text in every request of this kind. */
  shared: string;
  /** Pages that a search found for the question. */
  chunks: string[];
  /** Records, and the fields that the task reads. */
  rows: Record<string, unknown>[];
  fields: string[];
  question: string;
}

export interface CompressOptions {
  /** Most tokens that the text may have. */
  budget: number;
  /** What these match in `shared` and in a page that is kept goes out byte for byte. */
  protect: RegExp[];
  countTokens(text: string): number;
}

export interface Compressed {
  text: string;
  /** Tokens saved, against `longPrompt`. */
  saved: number;
  /** What was done, for the report. */
  strategies: string[];
}

/** The prompt as it is sent today. */
export function longPrompt({ shared, chunks, rows, question }: PromptParts): string {
  const table = rows.length > 0 ? [JSON.stringify(rows, null, 2)] : [];
  return [shared, ...chunks, ...table, question].join('\n\n');
}

export function compressPrompt(parts: PromptParts, { countTokens }: CompressOptions): Compressed {
  // TODO: this removes blanks at the ends of lines. What else in these prompts says nothing new?
  const long = longPrompt(parts);
  const text = long.replace(/[ \t]+$/gm, '');
  return { text, saved: countTokens(long) - countTokens(text), strategies: ['trailing blanks'] };
}

/** One prompt in the report: a month of its calls, as billed before and after. */
export interface Saving {
  prompt: string;
  tokensBefore: number;
  tokensAfter: number;
  usdBefore: number;
  usdAfter: number;
}

/** Markdown: a line for each prompt with the share of tokens and of dollars saved (`41 %`), and one for the `total`. */
export function savingsReport(savings: Saving[]): string {
  return savings.map(({ prompt }) => `- ${prompt}: shorter`).join('\n');
}
