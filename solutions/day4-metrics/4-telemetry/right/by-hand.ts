import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import type OpenAI from 'openai';
import type { Call, CostOf, Reply } from '#course/day4-metrics/contracts/instrument.ts';

const META = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' };

/** Reads the stream by its iterator and keeps one record per call, which is written out once, at the end. */
export function instrument(call: Call, meter: Meter, costOf: CostOf): Call {
  const histogram = (name: string, unit: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(`gen_ai.client.${name}`, { unit, advice: { explicitBucketBoundaries } });
  const doubling = Array.from({ length: 14 }, (_, i) => (10 * 2 ** i) / 1000);
  const fourfold = Array.from({ length: 14 }, (_, i) => 2 ** (2 * i));
  const duration = histogram('inference.duration', 's', doubling);
  const first = histogram('inference.time_to_first_chunk', 's', doubling);
  const written = histogram('inference.operation.output_tokens', '{token}', fourfold);
  const counters = new Map<string, Counter>();
  const add = (kind: string, tokens: number | undefined, attributes: Attributes) => {
    const name = `gen_ai.client.inference.usage.${kind}_tokens`;
    const counter = counters.get(name) ?? meter.createCounter(name, { unit: '{token}' });
    counters.set(name, counter);
    if (tokens) counter.add(tokens, { ...attributes, 'gen_ai.token.modality': 'text' });
  };
  const cache = meter.createCounter('app.chat.cache', { unit: '{request}' });
  const cost = meter.createCounter('app.chat.cost', { description: 'micro-dollars' });

  return (request) => {
    const model = request.body.model;
    const base = { ...META, 'gen_ai.request.model': model };
    const startMs = performance.now();
    const record = {
      firstMs: 0,
      usage: undefined as OpenAI.CompletionUsage | undefined,
      error: '',
      done: false,
    };
    const finish = () => {
      if (record.done) return;
      record.done = true;
      const attributes = record.error === '' ? base : { ...base, 'error.type': record.error };
      duration.record((performance.now() - startMs) / 1000, attributes);
      if (record.firstMs > 0) first.record((record.firstMs - startMs) / 1000, base);
      if (!record.usage) return;
      const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } =
        record.usage;
      written.record(completion_tokens, base);
      add('input', prompt_tokens, base);
      add('cache_read.input', prompt_tokens_details?.cached_tokens, base);
      add('cache_write.input', prompt_tokens_details?.cache_write_tokens, base);
      add('output', completion_tokens, base);
      add('reasoning.output', completion_tokens_details?.reasoning_tokens, base);
      cost.add(costOf(model, record.usage), base);
    };
    const fail = (error: unknown): never => {
      const known = error as { status?: number; name: string };
      record.error = known.status ? `${known.status}` : known.name;
      finish();
      throw error;
    };
    const { stream_options } = request.body;
    const body = { ...request.body, stream_options: { ...stream_options, include_usage: true } };
    return call({ ...request, body }).then(
      (reply) => {
        cache.add(1, { 'app.cache.result': reply.source === 'cache' ? 'hit' : 'miss' });
        return reply.source === 'cache' ? reply : { source: reply.source, chunks: watch(reply.chunks) };
      },
      (error) => {
        cache.add(1, { 'app.cache.result': 'miss' });
        return fail(error);
      },
    );

    function watch(chunks: Reply['chunks']): Reply['chunks'] {
      return {
        [Symbol.asyncIterator]() {
          const iterator = chunks[Symbol.asyncIterator]();
          return {
            async next() {
              for (;;) {
                const step = await iterator.next().catch(fail);
                if (step.done) finish();
                else {
                  record.firstMs ||= performance.now();
                  if (step.value.usage) record.usage = step.value.usage;
                }
                if (step.done || stream_options?.include_usage) return step;
                if (step.value.choices.length > 0 || !step.value.usage) return step;
              }
            },
            async return() {
              finish();
              return (await iterator.return?.()) ?? { done: true, value: undefined };
            },
          };
        },
      };
    }
  };
}
