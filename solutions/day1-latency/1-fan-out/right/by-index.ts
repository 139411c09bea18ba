import type OpenAI from 'openai';
import { leastEffort } from '#lib/provider';

/** Without allSettled: every call writes its own result, so none can reject. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const results: PromiseSettledResult<string>[] = [];
  await Promise.all(
    prompts.map(async (prompt, index) => {
      try {
        results[index] = { status: 'fulfilled', value: await ask(client, model, prompt) };
      } catch (reason) {
        results[index] = { status: 'rejected', reason };
      }
    }),
  );
  return results;
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    // Left out, the model thinks first: slower, and billed.
    reasoning_effort: leastEffort(model),
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
