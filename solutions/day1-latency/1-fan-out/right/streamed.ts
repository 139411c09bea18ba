import type OpenAI from 'openai';
import { leastEffort } from '#lib/provider';

/** Every answer is streamed and put together; settled as they end. */
export function fanOut(
  client: OpenAI,
  model: string,
  prompts: string[],
): Promise<PromiseSettledResult<string>[]> {
  return Promise.allSettled(
    prompts.map(async (content) => {
      const stream = await client.chat.completions.create({
        model,
        reasoning_effort: leastEffort(model),
        messages: [{ role: 'user', content }],
        stream: true,
      });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    }),
  );
}
