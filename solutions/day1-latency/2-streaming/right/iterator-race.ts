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

/** Reads the iterator by hand and races each step against a timer; and the first chunk as well. */
export async function streamAnswer(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { onToken, signal, stallMs = 10_000 }: StreamOptions,
): Promise<StreamedAnswer> {
  const startMs = performance.now();
  const words: { atMs: number; text: string }[] = [];
  let finish: StreamedAnswer['finish'] = 'error';
  let usage: OpenAI.CompletionUsage | undefined;
  const stop = new AbortController();
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  try {
    const asked = client.chat.completions.create(
      { ...request, stream: true, stream_options: { include_usage: true } },
      { signal: stop.signal },
    );
    const chunks = read(asked);
    for (;;) {
      const step = await beforeSilence(chunks.next(), stallMs);
      if (step === 'silence') {
        stop.abort();
        finish = 'stalled';
        break;
      }
      if (step.done) break;
      const [choice] = step.value.choices;
      usage = step.value.usage ?? usage;
      if (choice?.finish_reason) finish = choice.finish_reason === 'length' ? 'length' : 'stop';
      if (!choice?.delta.content) continue;
      words.push({ atMs: performance.now(), text: choice.delta.content });
      onToken(choice.delta.content);
    }
  } catch {
    finish = 'error';
  }
  const firstMs = words[0]?.atMs;
  const tokens = usage?.completion_tokens ?? 0;
  return {
    text: words.map((word) => word.text).join(''),
    ttftMs: firstMs === undefined ? null : firstMs - startMs,
    tpotMs: firstMs === undefined || tokens < 2 ? null : ((words.at(-1)?.atMs ?? 0) - firstMs) / (tokens - 1),
    finish: signal?.aborted ? 'aborted' : finish,
    ...(usage && { usage }),
  };
}

async function* read<T>(asked: PromiseLike<AsyncIterable<T>>): AsyncGenerator<T> {
  yield* await asked;
}

function beforeSilence<T>(step: Promise<T>, stallMs: number): Promise<T | 'silence'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('silence'), stallMs);
    step.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
