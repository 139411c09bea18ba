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

type Step = (parts: PromptParts, options: CompressOptions) => PromptParts;

const STEPS: Record<string, Step> = {
  'each page once': (parts) => ({ ...parts, chunks: Array.from(new Set(parts.chunks)) }),
  'no menus': (parts, { protect }) => {
    const counts: Record<string, number> = {};
    for (const line of parts.chunks.join('\n').split('\n')) counts[line] = (counts[line] ?? 0) + 1;
    return {
      ...parts,
      chunks: parts.chunks.map((page) =>
        outside(page, protect, (text) =>
          text
            .split('\n')
            .filter((line) => line === '' || (counts[line] ?? 0) < 2)
            .join('\n'),
        ),
      ),
    };
  },
  'only what is read': (parts) => ({
    ...parts,
    rows: parts.rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([key]) => parts.fields.includes(key))),
    ),
  }),
};

export function compressPrompt(parts: PromptParts, options: CompressOptions): Compressed {
  const small = Object.values(STEPS).reduce((now, step) => step(now, options), parts);
  const text = [
    small.shared,
    ...small.chunks,
    ...(small.rows.length ? [table(small.rows, small.fields)] : []),
    small.question,
  ].join('\n');
  return {
    text,
    saved: options.countTokens(longPrompt(parts)) - options.countTokens(text),
    strategies: Object.keys(STEPS),
  };
}

function table(rows: Record<string, unknown>[], fields: string[]): string {
  const lines = [fields.join('\t')];
  for (const row of rows) lines.push(fields.map((field) => String(row[field] ?? '')).join('\t'));
  return lines.join('\n');
}

export function savingsReport(savings: Saving[]): string {
  const percent = (before: number, after: number) => `${Math.round((1 - after / before) * 100)} %`;
  const sum = (of: (saving: Saving) => number) => savings.reduce((total, saving) => total + of(saving), 0);
  const lines = savings.map(
    (s) =>
      `- ${s.prompt}: ${percent(s.tokensBefore, s.tokensAfter)} of the tokens, ${percent(s.usdBefore, s.usdAfter)} of the bill`,
  );
  const total = `- total: ${percent(
    sum((s) => s.tokensBefore),
    sum((s) => s.tokensAfter),
  )} of the tokens, ${percent(
    sum((s) => s.usdBefore),
    sum((s) => s.usdAfter),
  )} of the bill`;
  return [...lines, total].join('\n');
}

/** Changes a page everywhere but where a pattern matches. */
function outside(page: string, patterns: RegExp[], change: (text: string) => string): string {
  const [pattern, ...others] = patterns;
  if (!pattern) return change(page);
  const match = page.match(new RegExp(pattern.source, pattern.flags.replace('g', '')));
  if (!match?.[0] || match.index === undefined) return outside(page, others, change);
  const end = match.index + match[0].length;
  return (
    outside(page.slice(0, match.index), patterns, change) +
    match[0] +
    outside(page.slice(end), patterns, change)
  );
}
