import type OpenAI from 'openai';

export const rejectedBy = 'takes no longer than the slowest call';

/** Ten at a time: each chunk waits for its own slowest call. */
export async function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  const results: PromiseSettledResult<string>[] = [];
  for (let start = 0; start < prompts.length; start += 10) {
    const chunk = prompts.slice(start, start + 10);
    results.push(...(await Promise.allSettled(chunk.map((prompt) => ask(client, model, prompt)))));
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
