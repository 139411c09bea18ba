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

export function compressPrompt(parts: PromptParts, { protect, countTokens }: CompressOptions): Compressed {
  const pages = about(parts.question, [...new Set(parts.chunks)]);
  const said = new Set<string>();
  const kept = pages.map((page) => withoutRepeats(page, protect, said));
  // `shared` stays as it is: it is read from the provider's cache as long as nobody touches it.
  const text = [parts.shared, ...kept, ...table(parts), parts.question].join('\n\n');
  return {
    text,
    saved: countTokens(longPrompt(parts)) - countTokens(text),
    strategies: ['copies of pages', 'pages about something else', 'repeated lines', 'records as rows'],
  };
}

/** The pages that share a telling word with the question: one that not every page has. All of them if none does. */
function about(question: string, pages: string[]): string[] {
  const words = question.match(/\p{L}{4,}/gu) ?? [];
  const telling = words.filter((word) => pages.filter((page) => page.includes(word)).length <= 1);
  const found = pages.filter((page) => telling.some((word) => page.includes(word)));
  return found.length > 0 ? found : pages;
}

/** Leaves out lines that were said before, on this page or another; what is protected is not looked at. */
function withoutRepeats(page: string, protect: RegExp[], said: Set<string>): string {
  const spans = protect.flatMap((pattern) => page.match(pattern) ?? []);
  const lines = page.split('\n').filter((line) => {
    if (line.trim() === '' || spans.some((span) => span.includes(line))) return true;
    return !said.has(line) && said.add(line);
  });
  return lines.join('\n');
}

/** Records as rows under one header, with the fields that are read. */
function table({ rows, fields }: PromptParts): string[] {
  if (rows.length === 0) return [];
  const line = (row: Record<string, unknown>) => JSON.stringify(fields.map((field) => row[field]));
  return [[JSON.stringify(fields), ...rows.map(line)].join('\n')];
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
