import * as subject from '#days/day4-metrics/4-telemetry/instrument.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { sum } from '#lib/provider';
import { parseExposition, total } from '../exposition.ts';
import { HANDED } from './scenario/by-hand.ts';
import { errorOf, scenario } from './scenario/index.ts';
import {
  CACHE,
  COST,
  DURATION,
  FIRST_CHUNK,
  type Metric,
  OUTPUT_TOKENS,
  POWERS,
  promName,
  SECONDS,
  USAGE,
} from './scenario/metrics.ts';

const run = play(scenario, subject);

step(1);

check('leaves answers and errors as they were', async () => {
  const { value, ledger } = await run();
  for (const { prompt, text, error, leaves } of value.outcomes) {
    const call = ledger.callsFor(prompt)[0];
    const failed = call !== undefined && errorOf(call) !== '';
    const whole = call ? call.answer : 'As before.';
    hold((error !== undefined) === failed && (leaves ? whole.startsWith(text) : text === whole), {
      happened: `"${prompt}" gave ${error === undefined ? `${text.length} characters` : `the error ${error}`}`,
      expected: call
        ? `${call.answer.length} characters${failed ? ', and then the error that the provider caused' : ''}`
        : 'the answer from the cache',
      help: 'Hand on every chunk and throw every error again.',
    });
  }
  for (const { source, userId, isSent } of value.handed)
    hold(source === 'provider' && userId === 'user-7' && isSent, {
      happened: `an answer of the provider's came from "${source}", of the user "${userId}", to ${isSent ? 'the' : 'another'} request`,
      expected:
        'the source "provider", the user "user-7" and the request of the caller, but for its stream options',
    });
  for (const { when, isSame } of value.thrown)
    hold(isSame, {
      happened: `an error came ${when === 'before' ? 'before there was a stream' : 'within a stream'}, and the caller did not get it`,
      expected: 'that very error: callers look at what is thrown, not only at its message',
    });
});

check('asks for the usage on its own account', async () => {
  const { value, ledger } = await run();
  for (const { prompt, asksUsage, leaves, error, rewritten, withoutChoice = false } of value.outcomes) {
    hold(!rewritten, {
      happened: 'the request of a caller was another after the call',
      expected: 'a copy to be changed: the caller may send its own again',
    });
    const [call] = ledger.callsFor(prompt);
    if (!call || error !== undefined) continue;
    hold(!leaves || call.outcome === 'aborted', {
      happened: 'a caller stopped reading after the first words, and the provider wrote and billed the rest',
      expected: 'the stream to be closed when its reader leaves',
      help: 'Leaving a `for await` loop calls `return` of the iterator; hand it on.',
    });
    hold(leaves || withoutChoice === asksUsage, {
      happened: asksUsage
        ? 'a caller that asked for the usage got no chunk with it'
        : 'a caller that never asked for the usage got its chunk, which has no choice: `chunk.choices[0].delta` throws there',
      expected: 'the last chunk for those who asked for it, and only for them',
    });
  }
  const kept = value.sentOptions.every((options) => {
    const { include_usage, ...rest } = (options ?? {}) as Record<string, unknown>;
    return Object.values(rest).every((set) => set === false);
  });
  const padding = value.sentOptions.filter((options) => 'include_obfuscation' in ((options as object) ?? {}));
  const asked = value.outcomes.filter((it) => it.asksUsage && ledger.callsFor(it.prompt).length > 0);
  hold(kept && padding.length === asked.length, {
    happened: 'other `stream_options` of a caller did not reach the provider',
    expected: 'all that the caller set, and `include_usage` besides',
  });
  for (const [i, { ids }] of value.handed.entries()) {
    const { options, chunks, ids: expected } = HANDED[i] as (typeof HANDED)[number];
    hold(ids.join() === expected.join(), {
      happened: `of a stream (${chunks.map(({ id }) => id).join(', ')}) a caller with the options ${JSON.stringify(options ?? {})} got: ${ids.join(', ')}`,
      expected: expected.join(', '),
      help: 'Only the chunk that has the usage and no choice is one that you asked for.',
    });
  }
});

step(2);

check('says what went wrong', async () => {
  const { value } = await run();
  const { points } = find(value.metrics, DURATION);
  // What counts no operations is told so below.
  if (points.some((it) => it.boundaries === null)) return;
  for (const kind of ['429', '500', 'stream']) {
    const failed = value.calls.filter((call) => errorOf(call) === kind).length;
    const mine = points.filter(({ attributes: { 'error.type': type } }) =>
      kind === 'stream' ? type !== undefined && type !== '429' && type !== '500' : String(type) === kind,
    );
    hold(sum(mine.map((it) => it.count)) === failed, {
      happened: `${sum(mine.map((it) => it.count))} operations have an error.type for ${kind === 'stream' ? 'streams that broke' : kind}`,
      expected: `${failed}: the status where there is one, else the name of the error`,
      help: 'A call that is refused throws before there is a stream, one that breaks throws in the middle of it.',
    });
  }
  for (const { when, types } of value.thrown)
    hold(types.join() === 'TimeoutError', {
      happened: `a TimeoutError ${when === 'before' ? 'before there was a stream' : 'within a stream'} was noted as: ${types.join(', ') || 'nothing'}`,
      expected: 'one operation, with its `name` as `error.type`, since it has no status',
    });
});

check('holds nobody’s words, and needs few time series', async () => {
  const played = await run();
  const { metrics } = played.value;
  for (const { name, points } of metrics)
    for (const { attributes } of points)
      for (const [key, value] of Object.entries(attributes))
        hold(!/Question|user-\d/.test(String(value)), {
          happened: `${name} has ${key}="${value}"`,
          expected: 'no user and no prompt in telemetry',
          help: 'Metrics are kept for months, read by many, and every new value of a label is a time series of its own.',
        });
  meets(
    played,
    'time series',
    'Every combination of labels is one more series. Keep labels with few values.',
  );
});

check('tells how long the provider took, in seconds', async () => {
  const { value } = await run();
  const calls = value.calls;
  const duration = find(value.metrics, DURATION);
  hold(
    duration.points.every((it) => it.boundaries !== null),
    {
      happened: `${DURATION} is no histogram`,
      expected: 'counts in buckets',
      help: 'The p95 of one machine cannot be averaged with that of another. Counts can be added.',
    },
  );
  const [count, seconds] = [
    sum(duration.points.map((it) => it.count)),
    sum(duration.points.map((it) => it.sum)),
  ];
  const truth = sum(calls.map((call) => ((call.endMs ?? 0) - call.startMs) / 1000));
  const cached = value.outcomes.length - calls.length;
  hold(count !== calls.length + cached, {
    happened: `${DURATION} counts ${count} operations, ${cached} of them from the cache`,
    expected: `${calls.length}: an answer from the cache is not an operation of the provider`,
    help: 'Hits of a few milliseconds hide a provider that is slow.',
  });
  hold(count === calls.length, {
    happened: `${DURATION} counts ${count} operations`,
    expected: `${calls.length}, however they ended`,
    help: 'A reader that leaves ends an operation too: the `finally` of a generator runs, or the `return` of an iterator.',
  });
  hold(duration.unit === 's' && Math.abs(seconds / truth - 1) < 0.05, {
    happened: `${DURATION} has the unit "${duration.unit}" and ${Math.round(seconds)} in sum`,
    expected: `the unit "s", and ${Math.round(truth)} in sum`,
    help: 'performance.now() is in milliseconds; say `unit` when you create the histogram.',
  });
  const first = find(value.metrics, FIRST_CHUNK);
  const firstSum = sum(first.points.map((it) => it.sum));
  const started = calls.filter((call) => call.headersMs !== null && errorOf(call) !== '429');
  const begun = started.filter((call) => call.firstTokenMs !== null);
  const [least, most] = [
    sum(begun.map((call) => ((call.headersMs ?? 0) - call.startMs) / 1000)),
    sum(begun.map((call) => ((call.firstTokenMs ?? 0) - call.startMs) / 1000)),
  ];
  const firsts = sum(first.points.map((it) => it.count));
  hold(firsts === begun.length, {
    happened: `${FIRST_CHUNK} counts ${firsts} operations`,
    expected: `${begun.length}: one for each stream of which something came`,
  });
  hold(first.unit === 's' && firstSum > least * 0.98 && firstSum < most * 1.02, {
    happened: `${FIRST_CHUNK} has the unit "${first.unit}" and ${firstSum.toFixed(1)} in sum`,
    expected: `the unit "s", and ${least.toFixed(1)} to ${most.toFixed(1)}: until the first chunk or its first words`,
  });
});

check('counts the tokens and the money of every answer', async () => {
  const { value } = await run();
  const complete = value.calls.filter((call) => call.outcome === 'answered');
  const counters = [...Object.entries(USAGE), [OUTPUT_TOKENS, 'output'] as const];
  for (const [name, kind] of counters) {
    const { points, unit } = find(value.metrics, name);
    const [mine, truth] = [
      sum(points.map((it) => it.sum)),
      sum(complete.map(({ tokens }) => tokens[kind] ?? 0)),
    ];
    hold(mine === truth, {
      happened: `${name} adds up to ${mine}`,
      expected: `${truth}, as billed`,
      help: 'A stream says its usage only if it is asked to. `prompt_tokens_details` has what the cache read and wrote, `completion_tokens_details` what was thought.',
    });
    hold(unit === '{token}', { happened: `the unit of ${name} is "${unit}"`, expected: '"{token}"' });
  }
  const cost = find(value.metrics, COST);
  for (const model of new Set(complete.map((call) => call.model))) {
    const mine = cost.points.filter(({ attributes }) => attributes['gen_ai.request.model'] === model);
    const [said, truth] = [
      sum(mine.map((it) => it.sum)),
      sum(complete.map((call) => (call.model === model ? call.costMicroUsd : 0))),
    ];
    hold(said === truth, {
      happened: `${COST} says ${said} micro-dollars for ${model}`,
      expected: `${truth}, with the model as \`gen_ai.request.model\``,
    });
  }
  for (const [i, { output, details }] of value.handed.entries())
    hold(output === 5 && details === 0, {
      happened: `of a stream with its usage in ${HANDED[i]?.chunks.at(-1)?.choices.length ? 'the last words' : 'a chunk of its own'} and no details, ${output} output tokens were counted, and ${details} as read, written or thought`,
      expected: '5 and 0',
    });
});

check('has the names and buckets that others can compare with', async () => {
  const played = await run();
  const { value } = played;
  const models = new Set(value.calls.map((call) => call.model));
  for (const name of [DURATION, FIRST_CHUNK, OUTPUT_TOKENS, ...Object.keys(USAGE)])
    for (const { attributes } of find(value.metrics, name).points) {
      const model = attributes['gen_ai.request.model'];
      const right =
        attributes['gen_ai.operation.name'] === 'chat' &&
        attributes['gen_ai.provider.name'] === 'openai' &&
        models.has(String(model)) &&
        (!(name in USAGE) || attributes['gen_ai.token.modality'] === 'text');
      hold(right, {
        happened: `a point of ${name} has ${JSON.stringify(attributes)}`,
        expected: `gen_ai.operation.name "chat", gen_ai.provider.name "openai", gen_ai.request.model${name in USAGE ? ', gen_ai.token.modality "text"' : ''}`,
      });
    }
  for (const [name, wanted] of [
    [DURATION, SECONDS],
    [FIRST_CHUNK, SECONDS],
    [OUTPUT_TOKENS, POWERS],
  ] as const) {
    const boundaries = find(played.value.metrics, name).points[0]?.boundaries ?? [];
    hold(boundaries.join() === wanted.join(), {
      happened: `the buckets of ${name} end at ${boundaries.join(', ') || 'nothing, it is no histogram'}`,
      expected: `${wanted.join(', ')}, as in the GenAI conventions`,
      help: '`advice: { explicitBucketBoundaries }`. The default buckets are for milliseconds; those for web pages end at 10 s.',
    });
  }
  meets(played, 'p95 from buckets, off by');
});

check('gives a dashboard what it needs', async () => {
  const { value } = await run();
  const samples = parseExposition(value.exposition);
  const hits = value.outcomes.length - value.calls.length;
  const complete = value.calls.filter((call) => call.outcome === 'answered');
  const cache = `${promName(CACHE)}_total`;
  const duration = `${promName(DURATION)}_count`;
  const panels: [string, number, number][] = [
    ['cache hits', total(samples, cache, { app_cache_result: 'hit' }), hits],
    ['cache misses', total(samples, cache, { app_cache_result: 'miss' }), value.calls.length],
    [
      'cost in micro-dollars',
      total(samples, `${promName(COST)}_total`),
      sum(complete.map((call) => call.costMicroUsd)),
    ],
    [
      '429s',
      total(samples, duration, { error_type: '429' }),
      value.calls.filter((call) => call.status === 429).length,
    ],
    ['errors', total(samples, duration, { error_type: /./ }), value.calls.filter((it) => errorOf(it)).length],
  ];
  for (const [panel, mine, truth] of panels)
    hold(mine === truth, {
      happened: `the scrape says ${mine} for ${panel}`,
      expected: `${truth}`,
      help: `Counters \`${CACHE}\` with \`app.cache.result\` hit or miss, and \`${COST}\`; Prometheus appends \`_total\`.`,
    });
});

function find(metrics: Metric[], name: string): Metric {
  const metric = metrics.find((candidate) => candidate.name === name);
  hold(metric !== undefined, {
    happened: `there is no metric ${name}; there are: ${metrics.map((it) => it.name).join(', ') || 'none'}`,
    expected: 'the metrics of the task, each with values',
  });
  return metric;
}
