import type OpenAI from 'openai';

export const rejectedBy = 'puts each result in the place of its prompt';

/** Fast, but the answers stand in the order in which they arrived. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const results: PromiseSettledResult<string>[] = [];
  await Promise.all(
    prompts.map(async (prompt) => {
      try {
        results.push({ status: 'fulfilled', value: await ask(client, model, prompt) });
      } catch (reason) {
        results.push({ status: 'rejected', reason });
      }
    }),
  );
  return results;
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
