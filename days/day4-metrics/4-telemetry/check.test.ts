import * as subject from '#days/day4-metrics/4-telemetry/instrument.ts';
import { check, hold, meets, play } from '#lib/check';
import { sum } from '#lib/provider';
import { parseExposition, total } from '../exposition.ts';
import {
  CACHE,
  COST,
  DURATION,
  errorOf,
  FIRST_CHUNK,
  type Metric,
  POWERS,
  promName,
  SECONDS,
  scenario,
  TOKENS,
} from './scenario.ts';

const run = play(scenario, subject);

check('leaves answers and errors as they were', async () => {
  const { value, ledger } = await run();
  for (const { prompt, text, error } of value.outcomes) {
    const call = ledger.callsFor(prompt)[0];
    const failed = call !== undefined && errorOf(call) !== '';
    hold((error !== undefined) === failed && text === (call ? call.answer : 'As before.'), {
      happened: `"${prompt}" gave ${error === undefined ? `${text.length} characters` : `the error ${error}`}`,
      expected: call
        ? `${call.answer.length} characters${failed ? ', and then the error that the provider caused' : ''}`
        : 'the answer from the cache',
      help: 'Hand on every chunk and throw every error again.',
    });
  }
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
  hold(first.unit === 's' && firstSum > least * 0.98 && firstSum < most * 1.02, {
    happened: `${FIRST_CHUNK} has the unit "${first.unit}" and ${firstSum.toFixed(1)} in sum`,
    expected: `the unit "s", and ${least.toFixed(1)} to ${most.toFixed(1)}: until the first chunk or its first words`,
  });
});

check('counts the tokens and the money of every answer', async () => {
  const { value } = await run();
  const complete = value.calls.filter((call) => call.outcome === 'answered');
  for (const type of ['input', 'output'] as const) {
    const points = find(value.metrics, TOKENS).points.filter(
      (it) => it.attributes['gen_ai.token.type'] === type,
    );
    const [mine, truth] = [sum(points.map((it) => it.sum)), sum(complete.map((call) => call.tokens[type]))];
    hold(mine === truth, {
      happened: `${TOKENS} with gen_ai.token.type="${type}" adds up to ${mine}`,
      expected: `${truth}, as billed`,
      help: 'A stream says its usage only if it is asked to: `stream_options: { include_usage: true }`.',
    });
  }
  hold(find(value.metrics, TOKENS).unit === '{token}', {
    happened: `the unit of ${TOKENS} is "${find(value.metrics, TOKENS).unit}"`,
    expected: '"{token}"',
  });
});

check('has the buckets that others can compare with', async () => {
  const played = await run();
  for (const [name, wanted] of [
    [DURATION, SECONDS],
    [FIRST_CHUNK, SECONDS],
    [TOKENS, POWERS],
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

check('says what went wrong', async () => {
  const { value } = await run();
  const { points } = find(value.metrics, DURATION);
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
});

check('names things as the conventions do', async () => {
  const { value } = await run();
  for (const name of [DURATION, FIRST_CHUNK, TOKENS])
    for (const { attributes } of find(value.metrics, name).points) {
      const model = attributes['gen_ai.request.model'];
      const right =
        attributes['gen_ai.operation.name'] === 'chat' &&
        attributes['gen_ai.provider.name'] === 'openai' &&
        (model === 'gpt-4o' || model === 'gpt-4o-mini');
      hold(right, {
        happened: `a point of ${name} has ${JSON.stringify(attributes)}`,
        expected: 'gen_ai.operation.name "chat", gen_ai.provider.name "openai", gen_ai.request.model',
      });
    }
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
    expected: 'the five metrics of the task, each with values',
  });
  return metric;
}
