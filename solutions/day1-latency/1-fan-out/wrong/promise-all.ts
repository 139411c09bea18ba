import type OpenAI from 'openai';

export const rejectedBy = 'one failed call does not throw the other answers away';

/** Promise.all: the first rejection is the whole result, and the other 49 calls run on unseen. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const answers = await Promise.all(prompts.map((prompt) => ask(client, model, prompt)));
  return answers.map((value) => ({ status: 'fulfilled', value }));
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
