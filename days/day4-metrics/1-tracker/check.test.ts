import * as subject from '#days/day4-metrics/1-tracker/tracker.ts';
import { check, hold, meets, play, step } from '#lib/check';
import type * as Contract from '../contracts/tracker.ts';
import { given } from '../given.ts';
import { EDGES, exactly, MINUTE, scenario, TIMED_PARTS, TOLERANCE } from './scenario/index.ts';

const run = play(scenario, subject);

/** More than any sketch of an hour needs, less than the 7.2 MB of 900,000 numbers. */
const MOST_BYTES = 5_000_000;
const MOST_SORTED = 50_000;

step(1);

check('a window without calls has no statistics', async () => {
  const { empty } = (await run()).value;
  hold('value' in empty && empty.value === null, {
    happened: `a tracker that had seen no call gave ${'value' in empty ? described(empty.value) : empty.error}`,
    expected: 'null',
    help: 'A mean of nothing is 0 / 0. A dashboard that shows NaN, or 0 ms, is worse than one that shows nothing.',
  });
});

check('counts every call, also those that failed', async () => {
  const { value, traffic } = await run();
  const stats = given(value.few, 'getStats after 200 calls');
  hold(stats?.calls !== undefined, {
    happened: `getStats gave ${stats} after 200 calls`,
    expected: 'their statistics',
  });
  const exact = exactly(traffic.few);
  for (const name of ['calls', 'errors', 'timeouts', 'totalTokens', 'totalCostMicroUsd'] as const)
    hold(stats[name] === exact[name], {
      happened: `${name} was ${stats[name]} for 200 calls of which ${exact.errors} failed and ${exact.timeouts} timed out`,
      expected: `${exact[name]}`,
      help: 'A tracker that skips failed calls shows its best figures while the provider is down.',
    });
  countsParts('200 calls', stats, exact.parts);
  for (const name of ['avg', 'min', 'max'] as const) {
    hold(near(stats.latency?.[name], exact.latency[name], 1e-9), {
      happened: `latency.${name} was ${ms(stats.latency?.[name])}`,
      expected: `${ms(exact.latency[name])}: answered calls and timeouts; refusals after 20 ms are counted elsewhere`,
    });
    hold(near(stats.ttft?.[name], exact.ttft[name], 1e-9), {
      happened: `ttft.${name} was ${ms(stats.ttft?.[name])}`,
      expected: `${ms(exact.ttft[name])}: of the streamed calls only, apart from the whole latency`,
    });
  }
  hold(near(stats.cacheHitRate, exact.cacheHitRate, 1e-9), {
    happened: `cacheHitRate was ${percent(stats.cacheHitRate)}`,
    expected: `${percent(exact.cacheHitRate)}, of all 200 calls: one that failed was no hit`,
    help: 'Divided by the answers only, the hit rate rises while the provider is down.',
  });
  hold(near(stats.callsPerMinute, 200 / 60, 1e-9), {
    happened: `callsPerMinute was ${stats.callsPerMinute}`,
    expected: '3.33 for 200 calls in an hour',
  });
  const refused = given(value.refused, 'getStats after a refusal');
  hold(refused?.calls === 1 && refused.latency === null && refused.ttft === null, {
    happened: `after one refusal there were ${refused?.calls} calls with an average of ${ms(refused?.latency?.avg)} and a first token after ${ms(refused?.ttft?.avg)}`,
    expected: '1 call, with null for `latency` and for `ttft`: nobody waited',
  });
});

check('a clock that is set back does not shorten a wait', async () => {
  const { settled, stats: attempted } = (await run()).value.timed;
  const stats = given(attempted, 'getStats after four timed calls');
  const { latency, calls, errors, timeouts, cacheHitRate } = stats ?? {};
  const ends = 'resolved,rejected with TimeoutError,rejected with RateLimitError,rejected with ConfigError';
  hold(settled.join() === ends, {
    happened: `four timed calls of which three fail ended: ${settled.join(', ')}`,
    expected: 'each caller to get what its call did',
  });
  hold(calls === 4 && errors === 2 && timeouts === 1, {
    happened: `an answer, a timeout, a refusal and a call that throws at once counted as ${calls} calls, ${timeouts} timeouts, ${errors} errors`,
    expected: '4 calls, 1 timeout, 2 errors',
    help: 'A call that throws has to be tracked before the error goes on to the caller.',
  });
  hold(near(cacheHitRate, 1 / 4, 1e-9), {
    happened: `cacheHitRate was ${percent(cacheHitRate)} when one of four timed calls came from the cache`,
    expected: '25 %: what the call returned says where its answer came from',
  });
  countsParts('four timed calls', stats, TIMED_PARTS);
  const { totalTokens, totalCostMicroUsd, ttft } = stats ?? {};
  hold(totalTokens === 120 && totalCostMicroUsd === 80 && ttft?.max === 300, {
    happened: `a call of 120 tokens for 80 micro-dollars, whose first token came after 300 ms, and three that failed were told as ${totalTokens} tokens, ${totalCostMicroUsd} micro-dollars and ${ms(ttft?.max)}`,
    expected: '120, 80 and 300 ms: what the call returned, and nothing for those that failed',
  });
  hold(near(latency?.min, 1200, 1e-3) && near(latency?.max, 4000, 1e-3), {
    happened: `while the system clock was set back ${(10 * MINUTE) / 1000} s, calls of 1.2 s and 4 s measured ${ms(latency?.min)} and ${ms(latency?.max)}`,
    expected: '1.2 s and 4 s',
    help: 'Dates jump when a machine corrects its clock. `performance.now()` only goes forward.',
  });
});

step(2);

const exactEnough = check('percentiles of a million calls are within 1 % of the exact ones', async () => {
  const played = await run();
  const { stats } = given(
    played.value.million,
    'getStats after a million calls',
    '`Math.max(...values)` puts every value on the stack, and that ends at some hundred thousand.',
  );
  hold(stats?.calls === 1_000_000, {
    happened: `calls was ${stats?.calls} after a million calls`,
    expected: '1000000',
  });
  meets(
    played,
    'worst error, a million calls',
    'A mean says nothing about a tail, and a sample of the first or the last calls says nothing about the hour. Count calls in buckets that each span 2 %.',
  );
});

check('a million calls fit in bounded memory', { needs: [exactEnough] }, async () => {
  const { grownBytes, sorted } = given((await run()).value.million, 'getStats after a million calls');
  hold(sorted <= MOST_SORTED, {
    happened: `one getStats sorted ${sorted} values`,
    expected: 'a look that costs the same after a million calls as after a thousand',
    help: 'A dashboard looks every few seconds. Sorting a million numbers takes 0.2 s in which nothing else runs.',
  });
  hold(grownBytes <= MOST_BYTES, {
    happened: `the tracker grew by ${Math.round(grownBytes / 1e6)} MB from an hour of 100,000 calls to one of 1,000,000`,
    expected: 'hardly any growth: most buckets are there already, and only their counts go up',
    help: 'Keep counts, not calls.',
  });
});

check('names the call at the right rank', async () => {
  const stats = given((await run()).value.ranks, 'getStats after 20 calls');
  for (const [name, seconds] of [
    ['median', 10],
    ['p95', 19],
    ['p99', 20],
  ] as const)
    hold(near(stats?.latency?.[name], seconds * 1000, TOLERANCE), {
      happened: `${name} of twenty calls of 1, 2, … 20 s was ${ms(stats?.latency?.[name])}`,
      expected: `${seconds} s: the smallest value that at least that many calls do not exceed`,
      help: 'Nearest rank is the ceil(p × n)-th smallest, counted from 1. With 20 calls one place is 5 %.',
    });
  const brief = given((await run()).value.brief, 'getStats after 20 short calls');
  for (const [name, micros] of [
    ['median', 1],
    ['p95', 10],
    ['p99', 11],
    ['max', 11],
  ] as const)
    hold(near(brief?.latency?.[name], micros / 1000, TOLERANCE), {
      happened: `${name} of twenty calls, ten of 1 µs and one each of 2, 3, … 11 µs, was ${((brief?.latency?.[name] ?? Number.NaN) * 1000).toFixed(2)} µs`,
      expected: `${micros} µs: what a cache of your own answers takes no millisecond`,
      help: 'The logarithm of a number below 1 is negative.',
    });
  const { few } = (await run()).traffic;
  const ttft = given((await run()).value.few, 'getStats after 200 calls')?.ttft;
  for (const name of ['median', 'p95', 'p99'] as const)
    hold(near(ttft?.[name], exactly(few).ttft[name], TOLERANCE), {
      happened: `ttft.${name} was ${ms(ttft?.[name])}`,
      expected: `${ms(exactly(few).ttft[name])}, within 1 %`,
    });
});

step(3);

check('a window forgets what is older', async () => {
  const windows = given((await run()).value.windows, 'a day of calls');
  const { hour, lastMinutes, later, sizes } = windows;
  hold(hour?.calls === 600 && lastMinutes?.calls === 200, {
    happened: `with a call every 6 s, an hour held ${hour?.calls} calls and 20 minutes ${lastMinutes?.calls}`,
    expected: '600 and 200',
  });
  hold(near(lastMinutes.callsPerMinute, 10, 1e-9), {
    happened: `callsPerMinute was ${lastMinutes.callsPerMinute} for 200 calls in 20 minutes`,
    expected: '10',
  });
  hold(later === null, {
    happened: `two hours after the last call the hour still had ${later?.calls} calls`,
    expected: 'null: the window ends at `nowMs`, not at the last call',
  });
  hold(near(hour.trend, 0.5, 1e-6), {
    happened: `trend was ${hour.trend} for an hour whose second half was 1.5 times as slow`,
    expected: '0.5',
  });
  const edges = given((await run()).value.edges, 'getStats of seven minutes');
  for (const [i, { what, calls, trend }] of EDGES.entries()) {
    hold(edges[i]?.calls === calls, {
      happened: `a window of ${what} held ${edges[i]?.calls} calls`,
      expected: `${calls}: its last minute is the last that began before \`nowMs\``,
    });
    hold(Math.abs((edges[i]?.trend ?? Number.NaN) - trend) < 1e-9, {
      happened: `trend was ${edges[i]?.trend} in a window of ${what}`,
      expected: `${trend}: the second half over the first, minus 1; a minute in the middle belongs to neither, and a half without calls makes it 0`,
    });
  }
  const late = given((await run()).value.late, 'getStats after a call that came late');
  hold(late?.calls === 2, {
    happened: `after a call, one from exactly an hour before came late, and so did one from ten minutes before; the hour held ${late?.calls}`,
    expected: '2 calls: what is too old is dropped and pushes nothing out, what is not is counted',
  });
  const growth = (sizes.at(-1) ?? 0) / (sizes[0] ?? 1);
  hold(growth < 1.3, {
    happened: `after ten hours the tracker held ${growth.toFixed(1)} times as much as after one`,
    expected: 'what is older than an hour to be dropped',
    help: 'Keep one set of counts per minute, and delete those that no window can reach.',
  });
});

check('merges workers as if they had been one', { needs: [exactEnough] }, async () => {
  const played = await run();
  const stats = given(
    played.value.merged,
    'merging the snapshots of three workers',
    'A snapshot travels as JSON, in which a Map or a Set is an empty object.',
  );
  const { calls, cacheHitRate, parts, latency } = exactly(played.traffic.workers.flat());
  hold(stats?.calls === calls, {
    happened: `calls was ${stats?.calls} after merging three workers with ${calls} calls`,
    expected: `${calls}`,
  });
  hold(near(stats.cacheHitRate, cacheHitRate, 1e-9), {
    happened: `cacheHitRate was ${percent(stats.cacheHitRate)} after merging three workers`,
    expected: `${percent(cacheHitRate)}: all their hits over all their calls`,
  });
  countsParts('three workers merged', stats, parts);
  for (const name of ['avg', 'min', 'max'] as const)
    hold(near(stats.latency?.[name], latency[name], 1e-9), {
      happened: `latency.${name} was ${ms(stats.latency?.[name])} after merging three workers`,
      expected: `${ms(latency[name])}, exactly`,
    });
  meets(
    played,
    'worst error, three workers merged',
    'Percentiles cannot be averaged, weighted or not. Counts can be added.',
  );
});

function countsParts(what: string, stats: Contract.Stats | null, expected: Contract.TokenParts): void {
  for (const name of ['cacheRead', 'cacheWrite', 'reasoning'] as const)
    hold(stats?.parts?.[name] === expected[name], {
      happened: `parts.${name} was ${stats?.parts?.[name]} after ${what}`,
      expected: `${expected[name]}: the parts of \`tokens\`, summed up as they are`,
      help: 'A read costs a tenth of other input or less, a write more than it, a thought as much as an answer. Without the parts no total explains a bill that changed.',
    });
}

function described(stats: Contract.Stats | null | undefined): string {
  return stats ? `${stats.calls} calls with an average of ${ms(stats.latency?.avg)}` : String(stats);
}

function near(value: number | undefined, expected: number, tolerance: number): boolean {
  return value !== undefined && Math.abs(value / expected - 1) <= tolerance;
}

function ms(value: number | undefined): string {
  return typeof value === 'number' ? `${Math.round(value * 100) / 100} ms` : String(value);
}

function percent(share: number | undefined): string {
  return typeof share === 'number' ? `${Math.round(share * 1000) / 10} %` : String(share);
}
