import type { BuiltPrompt, PromptInput } from '#course/day2-tokens/contracts/build-prompt.ts';

const BREAKPOINT = { prompt_cache_breakpoint: { mode: 'explicit' as const } };

/** One message for each part, and tools that are written out by hand in a fixed order of keys. */
export function buildPrompt(input: PromptInput): BuiltPrompt {
  const { rules, tools, examples, docs, user, question, now, reused } = input;
  const [day, time] = now.toISOString().split('T');
  const byId = [...docs].sort((a, b) => a.id.localeCompare(b.id));
  const part = (content: string) => ({ role: 'system' as const, content });
  const fixed = tools.map(({ function: { name, description, parameters } }) => {
    const schema = parameters as {
      properties: Record<string, { type: string; description: string }>;
      required: string[];
    };
    const names = Object.keys(schema.properties).sort();
    const properties = names.map((key) => {
      const property = schema.properties[key];
      return [key, { type: property?.type, description: property?.description }];
    });
    const plain = { type: 'object', properties: Object.fromEntries(properties), required: schema.required };
    return {
      type: 'function' as const,
      function: { name, ...(description !== undefined && { description }), parameters: plain },
    };
  });
  fixed.sort((a, b) => a.function.name.localeCompare(b.function.name));
  return {
    messages: [
      part(rules),
      ...byId.map((doc) => part(doc.text)),
      { role: 'system', content: [{ type: 'text', text: examples, ...(reused && BREAKPOINT) }] },
      part(`It is ${day} ${time}. The customer is ${user.name}, who has a ${user.plan} plan.`),
      { role: 'user', content: question },
    ],
    tools: fixed,
    cacheKey: user.tenant,
    cacheMode: reused ? 'implicit' : 'explicit',
  };
}
