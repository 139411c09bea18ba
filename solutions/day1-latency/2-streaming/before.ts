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
