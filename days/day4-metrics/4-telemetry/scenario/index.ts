import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type OpenAI from 'openai';
import type * as Subject from '#days/day4-metrics/4-telemetry/instrument.ts';
import { type Call, defineScenario, modelFor, percentile, type Random } from '#lib/provider';
import { costMicroUsd, priceOf } from '#lib/provider/money.ts';
import type * as Contract from '../../contracts/instrument.ts';
import { histogramQuantile, parseExposition } from '../../exposition.ts';
import { provider } from '../../provider.ts';
import { HANDED, handOn, throwError } from './by-hand.ts';
import { DURATION, flatten, newMeter, promName, USAGE } from './metrics.ts';
import { requestOf } from './request.ts';

const REQUESTS = 100;
const USERS = 40;
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
    const { meter, collect } = newMeter();
    const call: Contract.Call = async ({ body }) => {
      const text = traffic.find((it) => it.prompt === body.messages.at(-1)?.content);
      if (text?.cached) return { source: 'cache', chunks: fromCache(body.model) };
      sentOptions.push(body.stream_options);
      return { source: 'provider', chunks: await openai.chat.completions.create(body, { maxRetries: 0 }) };
    };
    const instrumented = subject.instrument(call, meter, costOf);
    const outcomes: Seen[] = [];
    const sentOptions: unknown[] = [];
    await Promise.all(
      traffic.map(async ({ prompt, userId, model, atMs, thinks, asksUsage, leaves }) => {
        await clock.sleep(atMs);
        const outcome: Seen = { prompt, text: '', asksUsage, leaves };
        outcomes.push(outcome);
        try {
          const body = { ...requestOf(model, prompt, thinks), ...(asksUsage && ASKS_USAGE) };
          const sent = JSON.stringify(body);
          const reply = await instrumented({ userId, body });
          outcome.rewritten = JSON.stringify(body) !== sent;
          for await (const chunk of reply.chunks) {
            if (chunk.choices.length === 0) outcome.withoutChoice = chunk.usage !== undefined;
            outcome.text += chunk.choices[0]?.delta.content ?? '';
            if (leaves && outcome.text !== '') break;
          }
        } catch (error) {
          outcome.error = error;
        }
      }),
    );
    const resourceMetrics = await collect();
    const exposition = new PrometheusSerializer().serialize(resourceMetrics);
    return {
      ...{ outcomes, metrics: flatten(resourceMetrics), exposition, sentOptions, calls: [...ledger.calls] },
      handed: await Promise.all(HANDED.map(({ options, chunks }) => handOn(subject, options, chunks))),
      thrown: await Promise.all(['before', 'within'].map((when) => throwError(subject, when))),
    };
  },
  readings({ outcome: { value } }) {
    const { metrics, exposition, calls } = value;
    const models = new Set(calls.map((call) => call.model)).size;
    const outcomes = new Set(calls.map((call) => `${call.model} ${errorOf(call)}`)).size;
    const has = (name: string) => metrics.some((metric) => metric.name === name);
    const counted = new Set(
      calls.flatMap(({ model, tokens }) =>
        Object.entries(USAGE).flatMap(([name, kind]) =>
          tokens[kind] && has(name) ? `${model} ${kind}` : [],
        ),
      ),
    ).size;
    // Duration by model and error; first chunk and output tokens by model; what it counts, by model; cost; cache by result.
    const fewest = outcomes + 2 * models + counted + 1 + 2;
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
        // Room for a label or two with a handful of values, and for counters that stay at 0.
        target: 3 * fewest,
        limit: fewest,
        isBestKnown: true,
      },
      'p95 from buckets, off by': {
        unit: 'ratio',
        better: 'lower',
        // Of two numbers the larger over the smaller: never below 1.
        value: read > 0 ? Math.max(read / truth, truth / read) : 1000,
        // A bucket reaches from a value to its double.
        target: 2,
        limit: 1,
      },
    };
  },
});

/** What one caller saw. */
interface Seen {
  prompt: string;
  text: string;
  asksUsage: boolean;
  /** It stops reading after the first words. */
  leaves: boolean;
  error?: unknown;
  /** Its request was another after the call. */
  rewritten?: boolean;
  /** A chunk without a choice came. */
  withoutChoice?: boolean;
}

/** Options of the stream that a caller sets: usage, and no padding of the chunks. */
const ASKS_USAGE = { stream_options: { include_usage: true, include_obfuscation: false } };

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
      model: modelFor(random.next() < 0.3 ? 'strong' : 'small'),
      thinks: random.next() < 0.3,
      asksUsage: random.next() < 0.2,
      leaves: i >= 5 && !cached && trouble === '' && random.next() < 0.1,
      atMs: i * 200 + random.int(200),
    };
  });
}

function costOf(model: string, usage: OpenAI.CompletionUsage): number {
  const { cached_tokens: cached = 0, cache_write_tokens: cacheWrite = 0 } = usage.prompt_tokens_details ?? {};
  const tokens = { input: usage.prompt_tokens, cached, cacheWrite, output: usage.completion_tokens };
  return costMicroUsd(tokens, priceOf(model));
}

async function* fromCache(model: string): AsyncGenerator<OpenAI.ChatCompletionChunk> {
  yield {
    id: 'cached',
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices: [{ index: 0, delta: { content: 'As before.' }, finish_reason: 'stop' }],
    // It was used when the answer was made.
    usage: { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 },
  };
}
