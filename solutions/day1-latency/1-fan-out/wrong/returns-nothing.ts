import type OpenAI from 'openai';

export const rejectedBy = 'waits until every prompt has its result';

/** Waits for all calls and forgets to return what they said. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const results = await Promise.allSettled(prompts.map((prompt) => ask(client, model, prompt)));
  return void results as unknown as PromiseSettledResult<string>[];
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
