import type { Attributes, Meter } from '@opentelemetry/api';
import type OpenAI from 'openai';
import type { Call, CostOf, Reply } from '#course/day4-metrics/contracts/instrument.ts';

/** 10 ms, doubling to 82 s. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, i) => 4 ** i);

/** The same call, with its metrics written to the meter. What the caller gets, or is thrown, stays as it is. */
export function instrument(call: Call, meter: Meter, costOf: CostOf): Call {
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: SECONDS } };
  const duration = meter.createHistogram('gen_ai.client.inference.duration', seconds);
  const firstChunk = meter.createHistogram('gen_ai.client.inference.time_to_first_chunk', seconds);
  const outputTokens = meter.createHistogram('gen_ai.client.inference.operation.output_tokens', {
    unit: '{token}',
    advice: { explicitBucketBoundaries: TOKENS },
  });
  const count = createUsageCounters(meter);
  const cache = meter.createCounter('app.chat.cache');
  const cost = meter.createCounter('app.chat.cost');

  return async ({ userId, body }) => {
    const { model } = body;
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
    };
    const startMs = performance.now();
    const elapsed = () => (performance.now() - startMs) / 1000;
    const end = (error?: unknown) =>
      duration.record(
        elapsed(),
        error === undefined ? attributes : { ...attributes, 'error.type': typeOf(error) },
      );
    try {
      const stream_options = { ...body.stream_options, include_usage: true };
      const reply = await call({ userId, body: { ...body, stream_options } });
      cache.add(1, { 'app.cache.result': reply.source === 'cache' ? 'hit' : 'miss' });
      return reply.source === 'cache' ? reply : { ...reply, chunks: measured(reply.chunks) };
    } catch (error) {
      cache.add(1, { 'app.cache.result': 'miss' });
      end(error);
      throw error;
    }

    async function* measured(chunks: Reply['chunks']): AsyncGenerator<OpenAI.ChatCompletionChunk> {
      let failure: unknown;
      let first = true;
      try {
        for await (const chunk of chunks) {
          if (first) firstChunk.record(elapsed(), attributes);
          first = false;
          if (chunk.usage) {
            outputTokens.record(chunk.usage.completion_tokens, attributes);
            count(chunk.usage, attributes);
            cost.add(costOf(model, chunk.usage), { 'gen_ai.request.model': model });
          }
          // The usage comes in a chunk without a choice, and only we may have asked for it.
          const isBill = chunk.usage && chunk.choices.length === 0;
          if (!isBill || body.stream_options?.include_usage) yield chunk;
        }
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        // Also when the reader stops reading: that is an end, and no error.
        end(failure);
      }
    }
  };
}

/** Counters of everything on a bill, for sums; what was read, written and thought is part of input and output. */
function createUsageCounters(meter: Meter): (usage: OpenAI.CompletionUsage, attributes: Attributes) => void {
  const counter = (kind: string) =>
    meter.createCounter(`gen_ai.client.inference.usage.${kind}_tokens`, { unit: '{token}' });
  const input = counter('input');
  const read = counter('cache_read.input');
  const written = counter('cache_write.input');
  const output = counter('output');
  const thought = counter('reasoning.output');
  return (usage, attributes) => {
    const of = { ...attributes, 'gen_ai.token.modality': 'text' };
    input.add(usage.prompt_tokens, of);
    read.add(usage.prompt_tokens_details?.cached_tokens ?? 0, of);
    written.add(usage.prompt_tokens_details?.cache_write_tokens ?? 0, of);
    output.add(usage.completion_tokens, of);
    thought.add(usage.completion_tokens_details?.reasoning_tokens ?? 0, of);
  };
}

/** The status, where there is one; else the error's name. Few values, never a message. */
function typeOf(error: unknown): string {
  const { status, name } = error as Error & { status?: number };
  return status === undefined ? name : String(status);
}
