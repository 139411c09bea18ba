import type OpenAI from 'openai';
import type { StreamedAnswer, StreamOptions } from '#course/day1-latency/contracts/stream-answer.ts';

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
  if (signal?.aborted) stop.abort();
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
  const thought = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
  const tokens = (usage?.completion_tokens ?? 0) - thought;
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
