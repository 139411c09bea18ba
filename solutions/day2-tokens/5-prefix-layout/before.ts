import type { BuiltPrompt, PromptInput } from '#course/day2-tokens/contracts/build-prompt.ts';

export function buildPrompt(input: PromptInput): BuiltPrompt {
  const { rules, tools, examples, docs, user, question, now } = input;
  // TODO: the first line is different in every request, and a cached prefix ends at the first difference.
  const system = [
    `It is ${now.toISOString()}. You are talking to ${user.name} (${user.plan} plan).`,
    rules,
    examples,
    ...docs.map(({ id, text }) => `<doc id="${id}">\n${text}\n</doc>`),
  ].join('\n\n');
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: question },
    ],
    tools,
    cacheKey: '',
    cacheMode: 'implicit',
  };
}
