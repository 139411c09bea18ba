import type OpenAI from 'openai';
import type * as Subject from '#days/day4-metrics/4-telemetry/instrument.ts';
import { sum } from '#lib/provider';
import type * as Contract from '../../contracts/instrument.ts';
import { DURATION, flatten, newMeter, OUTPUT_TOKENS, USAGE } from './metrics.ts';
import { requestOf } from './request.ts';

type Chunk = OpenAI.ChatCompletionChunk;
const USED = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const choices: Chunk['choices'] = [{ index: 0, delta: { content: 'Yes.' }, finish_reason: null }];
const chunkOf = (id: string, rest: Partial<Chunk>): Chunk => ({
  ...{ id, object: 'chat.completion.chunk', created: 0, model: 'm', choices: [] },
  ...rest,
});
const FILTERED = chunkOf('the verdict of the content filter', {});
const WORDS = chunkOf('words', { choices });
const LAST_WORDS = chunkOf('words with the usage', { choices, usage: USED });
const BILL = chunkOf('the usage', { usage: USED });

/** Streams as servers send them that speak this API, and what of them is handed on. */
export const HANDED: { options?: Contract.StreamOptions; chunks: Chunk[]; ids: string[] }[] = [
  { chunks: [FILTERED, WORDS, BILL], ids: [FILTERED.id, WORDS.id] },
  { chunks: [WORDS, LAST_WORDS], ids: [WORDS.id, LAST_WORDS.id] },
  { options: { include_obfuscation: false }, chunks: [WORDS, BILL], ids: [WORDS.id] },
  { options: { include_usage: false }, chunks: [WORDS, BILL], ids: [WORDS.id] },
  {
    options: { include_usage: true },
    chunks: [FILTERED, WORDS, BILL],
    ids: [FILTERED.id, WORDS.id, BILL.id],
  },
];

/** Puts a stream through, and brings back which of its chunks came out, and what came with them. */
export async function handOn(
  subject: typeof Subject,
  options: Contract.StreamOptions | undefined,
  chunks: readonly Chunk[],
) {
  const { meter, collect } = newMeter();
  let sent: Contract.ChatRequest | undefined;
  const call: Contract.Call = async (request) => {
    sent = request;
    return {
      source: 'provider',
      chunks: (async function* () {
        yield* chunks;
      })(),
    };
  };
  const request = { userId: 'user-7', body: requestOf('m', 'Is that so?', false) };
  if (options) request.body.stream_options = options;
  const reply = await subject.instrument(call, meter, () => 3)(request);
  const ids: string[] = [];
  for await (const { id } of reply.chunks) ids.push(id);
  const metrics = flatten(await collect());
  const tokensOf = (names: readonly string[]) =>
    sum(
      metrics.flatMap(({ name, points }) => (names.includes(name) ? points.map((point) => point.sum) : [])),
    );
  const { stream_options: _own, ...asked } = request.body;
  const { stream_options: _sent, ...got } = sent?.body ?? {};
  return {
    ...{ ids, source: reply.source, userId: sent?.userId },
    isSent: JSON.stringify(got) === JSON.stringify(asked),
    output: tokensOf([OUTPUT_TOKENS]),
    details: tokensOf(Object.keys(USAGE).filter((name) => /cache|reasoning/.test(name))),
  };
}

/** Throws before there is a stream, or within it: whether the caller got that very error, and what was noted of it. */
export async function throwError(subject: typeof Subject, when: string) {
  const { meter, collect } = newMeter();
  const error = new TimeoutError('no answer within a minute');
  const call: Contract.Call = async () => {
    if (when === 'before') throw error;
    const chunks = async function* () {
      yield WORDS;
      throw error;
    };
    return { source: 'provider', chunks: chunks() };
  };
  let caught: unknown;
  try {
    const request = { userId: 'user-7', body: requestOf('m', 'Is that so?', false) };
    const { chunks } = await subject.instrument(call, meter, () => 3)(request);
    for await (const _ of chunks);
  } catch (it) {
    caught = it;
  }
  const noted = flatten(await collect()).find(({ name }) => name === DURATION)?.points ?? [];
  return { when, isSame: caught === error, types: noted.map((it) => String(it.attributes['error.type'])) };
}

class TimeoutError extends Error {
  override name = 'TimeoutError';
}
