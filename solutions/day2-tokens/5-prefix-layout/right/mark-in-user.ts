import type { BuiltPrompt, PromptInput } from '#course/day2-tokens/contracts/build-prompt.ts';

/** All of it in one user message: what is stable is its first part, and ends in the mark. */
export const buildPrompt = (input: PromptInput): BuiltPrompt => {
  const docs = Object.entries(Object.fromEntries(input.docs.map(({ id, text }) => [id, text])))
    .sort()
    .map(([id, text]) => `${id}: ${text}`);
  const first = { type: 'text' as const, text: [input.rules, input.examples, ...docs].join('\n\n') };
  const second = {
    type: 'text' as const,
    text: `${input.now.toISOString()} ${input.user.name} ${input.user.plan}\n${input.question}`,
  };
  return {
    messages: [
      {
        role: 'user',
        content: [input.reused ? { ...first, prompt_cache_breakpoint: { mode: 'explicit' } } : first, second],
      },
    ],
    tools: deep(input.tools.slice().sort((a, b) => (a.function.name < b.function.name ? -1 : 1))),
    cacheKey: input.user.tenant,
    cacheMode: 'explicit',
  };
};

function deep<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => deep(item)) as T;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) out[key] = deep((value as Record<string, unknown>)[key]);
  return out as T;
}
