import type OpenAI from 'openai';
import type { StreamedAnswer, StreamOptions } from '#course/day1-latency/contracts/stream-answer.ts';

/** Asks for one answer and shows it while it is written. Never throws: what went wrong is in `finish`. */
export async function streamAnswer(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { onToken, signal, stallMs = 10_000 }: StreamOptions,
): Promise<StreamedAnswer> {
  const answer: StreamedAnswer = { text: '', ttftMs: null, tpotMs: null, finish: 'error' };
  const startMs = performance.now();
  let lastMs = startMs;
  const silence = new AbortController();
  const giveUp = () => silence.abort();
  let timer = setTimeout(giveUp, stallMs);
  try {
    const stream = await client.chat.completions.create(
      { ...request, stream: true, stream_options: { include_usage: true } },
      { signal: AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]) },
    );
    for await (const chunk of stream) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallMs);
      const choice = chunk.choices[0];
      const text = choice?.delta.content;
      if (text) {
        lastMs = performance.now();
        answer.ttftMs ??= lastMs - startMs;
        answer.text += text;
        onToken(text);
      }
      if (choice?.finish_reason) answer.finish = choice.finish_reason === 'length' ? 'length' : 'stop';
      if (chunk.usage) answer.usage = chunk.usage;
    }
  } catch {
    answer.finish = 'error';
  } finally {
    clearTimeout(timer);
  }
  if (signal?.aborted) answer.finish = 'aborted';
  else if (silence.signal.aborted) answer.finish = 'stalled';
  const tokens = written(answer.usage);
  if (tokens > 1 && answer.ttftMs !== null) answer.tpotMs = (lastMs - startMs - answer.ttftMs) / (tokens - 1);
  return answer;
}

/** Output tokens that can be read: what was thought is billed as output too, and came before the first word. */
function written(usage: OpenAI.CompletionUsage | undefined): number {
  if (!usage) return 0;
  return usage.completion_tokens - (usage.completion_tokens_details?.reasoning_tokens ?? 0);
}
