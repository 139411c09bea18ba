import type { Assistant, Chunk, Context, Request } from '#course/day5-nodejs/contracts/assistant.ts';

/** Names of what this assistant does to be fast and cheap. Whoever calls it can switch each of them off. */
export const optimizations: readonly string[] = [];

/** An assistant for one day. It works; it is slow, expensive, and has nothing to fall back on. */
export function createAssistant(context: Context, _off: ReadonlySet<string>): Assistant {
  const { openai, models, rules, handbook } = context;

  return { handle };

  // TODO: the strongest model for everything, everything that was found, everything anew each time.
  async function* handle({ segment, tenant, user, question, docs }: Request): AsyncGenerator<Chunk> {
    const found = segment === 'faq' ? [handbook(tenant).text] : docs.map(({ text }) => text);
    const now = `It is ${new Date().toISOString()}. You are talking to ${user.name} (${user.plan} plan).`;
    const { choices } = await openai.chat.completions.create({
      model: models.strong.model,
      // Left out, the model thinks first: slower, and billed.
      reasoning_effort: models.strong.effort,
      messages: [
        { role: 'system', content: now },
        { role: 'system', content: [rules(tenant), ...found].join('\n\n') },
        { role: 'user', content: question },
      ],
    });
    yield { text: choices[0]?.message.content ?? '' };
  }
}
