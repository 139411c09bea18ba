import type { BuiltPrompt, PromptInput } from '#course/day2-tokens/contracts/build-prompt.ts';

export function buildPrompt(input: PromptInput): BuiltPrompt {
  const { rules, tools, examples, docs, user, question, now, reused } = input;
  // From what never changes to what always does: tools, rules, examples, handbook; then who, when and what.
  const handbook = docs
    .toSorted((a, b) => compare(a.id, b.id))
    .map(({ id, text }) => `<doc id="${id}">\n${text}\n</doc>`);
  const stable = [rules, examples, ...handbook].join('\n\n');
  return {
    messages: [
      { role: 'system', content: reused ? [{ type: 'text', text: stable, ...BREAKPOINT }] : stable },
      {
        role: 'user',
        content: `It is ${now.toISOString()}. I am ${user.name}, on the ${user.plan} plan.\n\n${question}`,
      },
    ],
    tools: tools.toSorted((a, b) => compare(a.function.name, b.function.name)).map(inOrder),
    cacheKey: `help-desk:${user.tenant}`,
    // What comes after the breakpoint is read as it is: it would be written for nobody.
    cacheMode: 'explicit',
  };
}

/** Up to here, tools included, the next prompt is the same. */
const BREAKPOINT = { prompt_cache_breakpoint: { mode: 'explicit' as const } };

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** The same value with the keys of its objects sorted, all the way down. */
function inOrder<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inOrder) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, inOrder(item)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => compare(a, b))) as T;
}
