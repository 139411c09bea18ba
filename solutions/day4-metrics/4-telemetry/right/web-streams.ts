import { ReadableStream, TransformStream } from 'node:stream/web';
import type { Meter } from '@opentelemetry/api';
import type OpenAI from 'openai';
import type { Call, CostOf } from '#course/day4-metrics/contracts/instrument.ts';

type Chunk = OpenAI.ChatCompletionChunk;

/** The stream is piped through a tap that counts and hides what nobody asked for. */
export function instrument(call: Call, meter: Meter, costOf: CostOf): Call {
  const doubled = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
  const inSeconds = { unit: 's', advice: { explicitBucketBoundaries: doubled } };
  const all = 'gen_ai.client.inference.';
  const duration = meter.createHistogram(`${all}duration`, inSeconds);
  const ttfc = meter.createHistogram(`${all}time_to_first_chunk`, inSeconds);
  const perAnswer = meter.createHistogram(`${all}operation.output_tokens`, {
    unit: '{token}',
    advice: { explicitBucketBoundaries: doubled.map((_, i) => 4 ** i) },
  });
  const sums = new Map(
    [
      'input_tokens',
      'cache_read.input_tokens',
      'cache_write.input_tokens',
      'output_tokens',
      'reasoning.output_tokens',
    ].map((name) => [name, meter.createCounter(`${all}usage.${name}`, { unit: '{token}' })]),
  );
  const cache = meter.createCounter('app.chat.cache');
  const cost = meter.createCounter('app.chat.cost');

  return (request) => {
    const startMs = performance.now();
    const model = { 'gen_ai.request.model': request.body.model };
    const own = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', ...model };
    const options = request.body.stream_options;
    const secondsSince = () => (performance.now() - startMs) / 1000;
    const finished = (error?: unknown) => {
      const type = error === undefined ? {} : { 'error.type': typeOf(error) };
      duration.record(secondsSince(), { ...own, ...type });
    };
    const body = { ...request.body, stream_options: { ...options, include_usage: true } };
    return call({ ...request, body }).then(
      (reply) => {
        const fromCache = reply.source === 'cache';
        cache.add(1, { 'app.cache.result': fromCache ? 'hit' : 'miss' });
        let count = 0;
        const tap = new TransformStream<Chunk, Chunk>({
          transform(chunk, controller) {
            if (!fromCache) {
              count += 1;
              if (count === 1) ttfc.record(secondsSince(), own);
              if (chunk.usage) usage(chunk.usage);
            }
            if (options?.include_usage || !chunk.usage || chunk.choices.length) controller.enqueue(chunk);
          },
        });
        return { ...reply, chunks: drained(ReadableStream.from(reply.chunks).pipeThrough(tap), fromCache) };
      },
      (error: unknown) => {
        cache.add(1, { 'app.cache.result': 'miss' });
        finished(error);
        throw error;
      },
    );

    async function* drained(stream: ReadableStream<Chunk>, fromCache: boolean) {
      let problem: unknown;
      try {
        yield* stream;
      } catch (error) {
        problem = error;
        throw error;
      } finally {
        if (!fromCache) finished(problem);
      }
    }

    function usage(it: OpenAI.CompletionUsage) {
      const details = it.prompt_tokens_details as { cached_tokens?: number; cache_write_tokens?: number };
      const figures = [
        it.prompt_tokens,
        details?.cached_tokens,
        details?.cache_write_tokens,
        it.completion_tokens,
        it.completion_tokens_details?.reasoning_tokens,
      ];
      [...sums.values()].forEach((counter, i) => {
        counter.add(figures[i] ?? 0, { ...own, 'gen_ai.token.modality': 'text' });
      });
      perAnswer.record(it.completion_tokens, own);
      cost.add(costOf(request.body.model, it), model);
    }
  };
}

function typeOf(error: unknown): string {
  if (typeof error === 'object' && error && 'status' in error && error.status) return String(error.status);
  return error instanceof Error ? error.name : typeof error;
}
