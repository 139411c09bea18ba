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

/** One prompt in the report: a month of its calls, as billed before and after. */
export interface Saving {
  prompt: string;
  tokensBefore: number;
  tokensAfter: number;
  usdBefore: number;
  usdAfter: number;
}
