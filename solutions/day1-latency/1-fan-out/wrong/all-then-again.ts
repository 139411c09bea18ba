import type OpenAI from 'openai';

export const rejectedBy = 'sends each prompt to the provider exactly once';

/** Tries Promise.all and, when one call fails, asks everything again. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  try {
    const answers = await Promise.all(prompts.map((prompt) => ask(client, model, prompt)));
    return answers.map((value) => ({ status: 'fulfilled', value }));
  } catch {
    return Promise.allSettled(prompts.map((prompt) => ask(client, model, prompt)));
  }
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
