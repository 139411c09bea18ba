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

export const rejectedBy = 'saves at least 30 % of the tokens of each prompt';

/** The prompt as it is sent today. */
export function longPrompt({ shared, chunks, rows, question }: PromptParts): string {
  const table = rows.length > 0 ? [JSON.stringify(rows, null, 2)] : [];
  return [shared, ...chunks, ...table, question].join('\n\n');
}

/** Shortens words that are one token already, and takes out "please". */
export function compressPrompt(parts: PromptParts, { countTokens }: CompressOptions): Compressed {
  const text = longPrompt(parts)
    .replace(/generate/gi, 'gen')
    .replace(/create/gi, 'make')
    .replace(/professional/gi, 'pro')
    .replace(/approximately/gi, '~')
    .replace(/information/gi, 'info')
    .replace(/please |kindly |could you /gi, '');
  return {
    text,
    saved: countTokens(longPrompt(parts)) - countTokens(text),
    strategies: ['abbreviations'],
  };
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
  const total = savings.reduce((sum, saving) => ({
    prompt: 'total',
    tokensBefore: sum.tokensBefore + saving.tokensBefore,
    tokensAfter: sum.tokensAfter + saving.tokensAfter,
    usdBefore: sum.usdBefore + saving.usdBefore,
    usdAfter: sum.usdAfter + saving.usdAfter,
  }));
  const rows = [...savings, total].map(({ prompt, tokensBefore, tokensAfter, usdBefore, usdAfter }) => {
    const month = `$${usdBefore.toFixed(2)} to $${usdAfter.toFixed(2)}`;
    return `| ${prompt} | ${less(tokensBefore, tokensAfter)} | ${less(usdBefore, usdAfter)} | ${month} |`;
  });
  const head = ['| prompt | tokens saved | bill saved | a month |', '| --- | --- | --- | --- |'];
  return [...head, ...rows].join('\n');
}

function less(before: number, after: number): string {
  return `${Math.round((1 - after / before) * 100)} %`;
}
