import type OpenAI from 'openai';

export const rejectedBy = 'leaves no rejection unhandled';

/** All calls start at once, but a call that fails early has no handler until its turn in the loop comes. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const calls = prompts.map((prompt) => ask(client, model, prompt));
  const results: PromiseSettledResult<string>[] = [];
  for (const call of calls) {
    try {
      results.push({ status: 'fulfilled', value: await call });
    } catch (reason) {
      results.push({ status: 'rejected', reason });
    }
  }
  return results;
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
