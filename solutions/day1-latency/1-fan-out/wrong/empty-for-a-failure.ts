import type OpenAI from 'openai';

export const rejectedBy = 'puts each result in the place of its prompt';

/** Gives an empty answer for the call that failed, as if the provider had said nothing. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const calls = prompts.map((prompt) => ask(client, model, prompt).catch(() => ''));
  return (await Promise.all(calls)).map((value) => ({ status: 'fulfilled', value }));
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
