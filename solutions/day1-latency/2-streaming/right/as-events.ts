import type OpenAI from 'openai';
import type { StreamedAnswer, StreamOptions } from '#course/day1-latency/contracts/stream-answer.ts';

type Event =
  | { kind: 'text'; text: string }
  | { kind: 'usage'; usage: OpenAI.CompletionUsage }
  | { kind: 'end'; finish: StreamedAnswer['finish'] };

/** All that can happen to an answer, as a list of events; nothing is thrown. */
async function* eventsOf(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  signal: AbortSignal,
  stallMs: number,
): AsyncGenerator<Event> {
  let finish: StreamedAnswer['finish'] = 'error';
  const stall = new AbortController();
  const both = AbortSignal.any([signal, stall.signal]);
  const arm = () => (stallMs === Infinity ? undefined : setTimeout(() => stall.abort(), stallMs));
  let timer = arm();
  try {
    signal.throwIfAborted();
    const stream = await client.chat.completions.create(
      { ...request, stream: true as const, stream_options: { include_usage: true } },
      { signal: both },
    );
    for await (const { choices, usage } of stream) {
      clearTimeout(timer);
      timer = arm();
      const text = choices[0]?.delta?.content;
      const said = choices[0]?.finish_reason;
      if (text) yield { kind: 'text', text };
      if (usage) yield { kind: 'usage', usage };
      if (said === 'stop' || said === 'length') finish = said;
    }
  } catch {
    finish = 'error';
  } finally {
    clearTimeout(timer);
  }
  if (stall.signal.aborted) finish = 'stalled';
  if (signal.aborted) finish = 'aborted';
  yield { kind: 'end', finish };
}

export async function streamAnswer(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { onToken, signal = new AbortController().signal, stallMs = Infinity }: StreamOptions,
): Promise<StreamedAnswer> {
  const from = performance.now();
  let answer: StreamedAnswer = { text: '', ttftMs: null, tpotMs: null, finish: 'error' };
  let until = from;
  for await (const event of eventsOf(client, request, signal, stallMs)) {
    switch (event.kind) {
      case 'text':
        until = performance.now();
        answer = { ...answer, text: answer.text + event.text, ttftMs: answer.ttftMs ?? until - from };
        onToken(event.text);
        break;
      case 'usage':
        answer.usage = event.usage;
        break;
      case 'end':
        answer.finish = event.finish;
    }
  }
  const { usage, ttftMs } = answer;
  if (usage && ttftMs !== null) {
    const n = usage.completion_tokens - (usage.completion_tokens_details?.reasoning_tokens ?? 0);
    if (n >= 2) answer.tpotMs = (until - from - ttftMs) / (n - 1);
  }
  return answer;
}
