import type OpenAI from 'openai';

export interface StreamedAnswer {
  /** Everything that arrived, also when the answer was not completed. */
  text: string;
  /** Time to first token: from the call until the first words, in milliseconds; null if none came. */
  ttftMs: number | null;
  /** Time per output token after the first, in milliseconds; null without two tokens or without usage. */
  tpotMs: number | null;
  finish: 'stop' | 'length' | 'aborted' | 'stalled' | 'error';
  usage?: OpenAI.CompletionUsage;
}

export interface StreamOptions {
  /** Called with each piece of text as soon as it is there. */
  onToken(text: string): void;
  /** Aborted when the user presses stop. */
  signal?: AbortSignal;
  /** Silence after which the stream is given up. */
  stallMs?: number;
}

export const rejectedBy = 'keeps what had arrived when the connection breaks';

/** Throws away what had arrived when the connection breaks. */
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
    answer.text = '';
  } finally {
    clearTimeout(timer);
  }
  if (signal?.aborted) answer.finish = 'aborted';
  else if (silence.signal.aborted) answer.finish = 'stalled';
  const tokens = answer.usage?.completion_tokens ?? 0;
  if (tokens > 1 && answer.ttftMs !== null) answer.tpotMs = (lastMs - startMs - answer.ttftMs) / (tokens - 1);
  return answer;
}
