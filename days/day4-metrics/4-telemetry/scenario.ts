import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type OpenAI from 'openai';
import type * as Subject from '#days/day4-metrics/4-telemetry/instrument.ts';
import { type Call, defineScenario, percentile, type Random } from '#lib/provider';
import type * as Contract from '../contracts/instrument.ts';
import { histogramQuantile, parseExposition } from '../exposition.ts';
import { provider } from '../provider.ts';

const REQUESTS = 100;
const USERS = 40;
export const DURATION = 'gen_ai.client.operation.duration';
export const FIRST_CHUNK = 'gen_ai.client.operation.time_to_first_chunk';
export const TOKENS = 'gen_ai.client.token.usage';
export const CACHE = 'app.chat.cache';
export const COST = 'app.chat.cost';
/** As the conventions have them: 10 ms doubling to 82 s, and powers of four. */
export const SECONDS = Array.from({ length: 14 }, (_, i) => Number((0.01 * 2 ** i).toFixed(2)));
export const POWERS = Array.from({ length: 14 }, (_, i) => 4 ** i);

/** An afternoon of a help page: forty users, a cache, two models, and what goes wrong at times. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { promptIncludes: '[crowded]' }, effect: { error: 'rate_limit' } },
    { when: { promptIncludes: '[broken]' }, effect: { error: 'server_error' } },
    { when: { promptIncludes: '[cut]' }, effect: { cutAfterTokens: 5 } },
  ],
  answer: ({ random, sentences }) => sentences(6 + random.int(25)),
  traffic: questions,
  async play(subject: typeof Subject, { openai, clock, ledger, traffic }) {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meters = new MeterProvider({ readers: [exporter] });
    const call: Contract.Call = async ({ body }) => {
      const text = traffic.find((it) => it.prompt === body.messages.at(-1)?.content);
      if (text?.cached) return { source: 'cache', chunks: fromCache(body.model) };
      return { source: 'provider', chunks: await openai.chat.completions.create(body, { maxRetries: 0 }) };
    };
    const instrumented = subject.instrument(call, meters.getMeter('help-page'), costOf);
    const outcomes: { prompt: string; text: string; error?: unknown }[] = [];
    await Promise.all(
      traffic.map(async ({ prompt, userId, model, atMs }) => {
        await clock.sleep(atMs);
        const outcome: (typeof outcomes)[number] = { prompt, text: '' };
        outcomes.push(outcome);
        try {
          const messages = [{ role: 'user' as const, content: prompt }];
          const reply = await instrumented({ userId, body: { model, messages, stream: true } });
          for await (const chunk of reply.chunks) outcome.text += chunk.choices[0]?.delta.content ?? '';
        } catch (error) {
          outcome.error = error;
        }
      }),
    );
    const { resourceMetrics } = await exporter.collect();
    const exposition = new PrometheusSerializer().serialize(resourceMetrics);
    return { outcomes, metrics: flatten(resourceMetrics), exposition, calls: [...ledger.calls] };
  },
  readings({ outcome: { value } }) {
    const { metrics, exposition, calls } = value;
    const models = new Set(calls.map((call) => call.model)).size;
    const outcomes = new Set(calls.map((call) => `${call.model} ${errorOf(call)}`)).size;
    // Duration by model and error, first chunk and cost by model, tokens by model and type, cache by result.
    const fewest = outcomes + models + models + 2 * models + 2;
    const truth = percentile(
      calls.map((call) => ((call.endMs ?? 0) - call.startMs) / 1000),
      95,
    );
    const read = histogramQuantile(parseExposition(exposition), promName(DURATION), 0.95);
    return {
      'time series': {
        unit: 'count',
        better: 'lower',
        value: metrics.reduce((sum, metric) => sum + metric.points.length, 0),
        // Room for a label or two with a handful of values.
        target: 4 * fewest,
        limit: fewest,
      },
      'p95 from buckets, off by': {
        unit: 'ratio',
        better: 'lower',
        value: read > 0 ? Math.max(read / truth, truth / read) : 1000,
        // A bucket reaches from a value to its double.
        target: 2,
        limit: 1,
      },
    };
  },
});

export interface Metric {
  name: string;
  unit: string;
  points: {
    attributes: Record<string, unknown>;
    /** Of a histogram. */
    count: number;
    sum: number;
    boundaries: number[] | null;
  }[];
}

function flatten(metrics: ResourceMetrics): Metric[] {
  return metrics.scopeMetrics.flatMap((scope) =>
    scope.metrics.map(({ descriptor, dataPoints }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      points: dataPoints.map(({ attributes, value }) =>
        typeof value === 'number'
          ? { attributes, count: 1, sum: value, boundaries: null }
          : {
              attributes,
              count: value.count,
              sum: value.sum ?? 0,
              boundaries:
                'buckets' in value && 'boundaries' in value.buckets ? value.buckets.boundaries : null,
            },
      ),
    })),
  );
}

/** The name under which Prometheus knows a metric, without its suffixes. */
export function promName(name: string): string {
  return name.replaceAll('.', '_');
}

/** `429`, `500`, `stream` for one that broke, or an empty text. */
export function errorOf(call: Call): string {
  if (call.outcome === 'broken') return 'stream';
  return call.status !== null && call.status >= 400 ? String(call.status) : '';
}

function questions(random: Random) {
  return Array.from({ length: REQUESTS }, (_, i) => {
    const cached = random.next() < 0.3;
    const luck = cached ? 1 : random.next();
    const trouble = luck < 0.07 ? ' [crowded]' : luck < 0.1 ? ' [broken]' : luck < 0.14 ? ' [cut]' : '';
    return {
      // The first five are one of each, so that no seed is without them.
      prompt: `Question ${i} of a customer: ${random.int(1e6)}${i < 3 ? [' [crowded]', ' [broken]', ' [cut]'][i] : trouble}`,
      cached: i >= 5 && cached,
      userId: `user-${random.int(USERS)}`,
      model: random.next() < 0.3 ? 'gpt-4o' : 'gpt-4o-mini',
      atMs: i * 200 + random.int(200),
    };
  });
}

const PRICES: Record<string, { input: number; output: number }> = {
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
};

function costOf(model: string, usage: OpenAI.CompletionUsage): number {
  const { input, output } = PRICES[model] ?? { input: 0, output: 0 };
  return Math.floor(usage.prompt_tokens * input + usage.completion_tokens * output + 0.5);
}

async function* fromCache(model: string): AsyncGenerator<OpenAI.ChatCompletionChunk> {
  yield {
    id: 'cached',
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices: [{ index: 0, delta: { content: 'As before.' }, finish_reason: 'stop' }],
  };
}
