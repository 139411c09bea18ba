import type OpenAI from 'openai';
import type { StreamedAnswer, StreamOptions } from '#course/day1-latency/contracts/stream-answer.ts';

/** The SDK's own stream helper, which emits events. */
export function streamAnswer(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { onToken, signal, stallMs }: StreamOptions,
): Promise<StreamedAnswer> {
  const start = performance.now();
  if (signal?.aborted) return Promise.resolve({ text: '', ttftMs: null, tpotMs: null, finish: 'aborted' });
  return new Promise((resolve) => {
    let text = '';
    let first: number | null = null;
    let last = start;
    let usage: OpenAI.CompletionUsage | undefined;
    let saw: string | null = null;
    let cut: 'aborted' | 'stalled' | null = null;
    let timer: NodeJS.Timeout | undefined;
    const helper = client.chat.completions.stream({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const stop = () => {
      cut ??= 'aborted';
      helper.abort();
    };
    const again = () => {
      clearTimeout(timer);
      if (stallMs === undefined) return;
      timer = setTimeout(() => {
        cut ??= 'stalled';
        helper.abort();
      }, stallMs);
    };
    again();
    signal?.addEventListener('abort', stop, { once: true });
    helper.on('chunk', (chunk) => {
      again();
      usage = chunk.usage ?? usage;
      saw = chunk.choices[0]?.finish_reason ?? saw;
      const piece = chunk.choices[0]?.delta.content ?? '';
      if (!piece) return;
      last = performance.now();
      first ??= last;
      text += piece;
      onToken(piece);
    });
    helper.on('error', () => {});
    helper.on('abort', () => {});
    const end = (ok: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      const n = usage
        ? usage.completion_tokens - (usage.completion_tokens_details?.reasoning_tokens ?? 0)
        : 0;
      resolve({
        text,
        usage,
        ttftMs: first === null ? null : first - start,
        tpotMs: first === null || n < 2 ? null : (last - first) / (n - 1),
        finish: cut ?? (ok && (saw === 'stop' || saw === 'length') ? saw : 'error'),
      });
    };
    helper.done().then(
      () => end(true),
      () => end(saw !== null),
    );
  });
}
