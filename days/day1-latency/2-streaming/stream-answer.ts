import type OpenAI from 'openai';
import type { StreamedAnswer, StreamOptions } from '#course/day1-latency/contracts/stream-answer.ts';

/** Asks for one answer and shows it while it is written. Never throws: what went wrong is in `finish`. */
export async function streamAnswer(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { onToken }: StreamOptions,
): Promise<StreamedAnswer> {
  const startMs = performance.now();
  try {
    // TODO: the user looks at an empty page until the whole answer is there. Stream it.
    const completion = await client.chat.completions.create(request);
    const text = completion.choices[0]?.message.content ?? '';
    onToken(text);
    const finish = completion.choices[0]?.finish_reason === 'length' ? 'length' : 'stop';
    return { text, ttftMs: performance.now() - startMs, tpotMs: null, finish, usage: completion.usage };
  } catch {
    return { text: '', ttftMs: null, tpotMs: null, finish: 'error' };
  }
}
