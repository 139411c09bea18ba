import type { Attributes, Meter } from '@opentelemetry/api';
import type OpenAI from 'openai';
import type { Call, CostOf } from '#course/day4-metrics/contracts/instrument.ts';

/** The same call, with its metrics written to the meter. What the caller gets, or is thrown, stays as it is. */
export function instrument(call: Call, meter: Meter, costOf: CostOf): Call {
  // TODO: the dashboard cannot use this, and it knows too much of those who ask.
  const duration = meter.createHistogram('gen_ai.client.inference.duration');
  const tokens = meter.createHistogram('gen_ai.client.inference.operation.output_tokens');
  const cost = meter.createCounter('app.chat.cost');
  return async (request) => {
    const startMs = performance.now();
    const attributes: Attributes = {
      model: request.body.model,
      user: request.userId,
      prompt: String(request.body.messages.at(-1)?.content),
    };
    const reply = await call(request);
    return { source: reply.source, chunks: measured(reply.chunks) };

    async function* measured(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>) {
      for await (const chunk of chunks) {
        if (chunk.usage) {
          tokens.record(chunk.usage.completion_tokens, attributes);
          cost.add(costOf(request.body.model, chunk.usage), attributes);
        }
        yield chunk;
      }
      duration.record(performance.now() - startMs, attributes);
    }
  };
}
