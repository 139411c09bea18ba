import * as subject from '#days/day4-metrics/5-load-test/load-test.ts';
import { check, hold, meets, play, step } from '#lib/check';
import type * as Contract from '../contracts/load-test.ts';
import { given } from '../given.ts';
import { exactReport } from '../target.ts';
import { EDGES, GROWTHS, KNEES } from './scenario/by-hand.ts';
import { SOCKETS, scenario, trueDay, WARM_UP_MS } from './scenario/index.ts';
import { trueCapacities, trueKnee } from './scenario/load.ts';

const run = play(scenario, subject);

step(1);

const sends = check('sends requests when they are due, not when others have been answered', async () => {
  const { value, traffic } = await run();
  const { report, log, startMs } = value.stalled;
  given(report, 'loadTest');
  traffic.steady.forEach(({ atMs }, i) => {
    const sentMs = log[i]?.startMs;
    const busy = log.filter((it) => it.startMs <= startMs + atMs && it.endMs > startMs + atMs).length;
    hold(busy >= SOCKETS || (sentMs !== undefined && Math.abs(sentMs - startMs - atMs) <= 2), () => ({
      happened:
        sentMs === undefined
          ? `only ${log.length} of ${traffic.steady.length} requests were sent`
          : `the request due after ${seconds(atMs)} was sent ${offBy(sentMs - startMs - atMs)}, with ${busy} of ${SOCKETS} sockets in use`,
      expected: 'each request to go out at its time, as long as there is a socket',
      help: 'Users do not know that the server is slow before they ask. Start a timer for each arrival, limit nothing but the sockets, and do nothing in between: a busy client is late for all.',
    }));
  });
  const dueMs = new Map(traffic.steady.map(({ prompt, atMs }) => [prompt, atMs]));
  log.forEach(({ prompt }, i) => {
    const due = dueMs.get(prompt) ?? 0;
    const before = dueMs.get(log[i - 1]?.prompt ?? '') ?? 0;
    hold(due >= before, {
      happened: `the request due after ${seconds(before)} was sent before the one due after ${seconds(due)}`,
      expected: 'first come, first sent: a socket goes to the request that has waited for it longest',
    });
  });
  const peak = Math.max(...log.map((entry) => entry.inFlight));
  hold(peak <= SOCKETS, {
    happened: `${peak} requests were under way at once`,
    expected: `at most ${SOCKETS}, one for each socket; what is due while all are taken waits for one`,
  });
});

check('asks each question once', async () => {
  const { value, traffic } = await run();
  const asked = new Set(value.stalled.log.map((entry) => entry.prompt)).size;
  hold(asked === traffic.steady.length && value.stalled.log.length === traffic.steady.length, {
    happened: `${value.stalled.log.length} requests with ${asked} different prompts were sent`,
    expected: `${traffic.steady.length} requests, each with the prompt of its arrival`,
    help: 'One prompt again and again is read from the prompt cache: a test of a service that nobody has.',
  });
});

check('measures from the moment at which a request was due', async () => {
  const played = await run();
  const { report, log, startMs } = played.value.stalled;
  const { p99Ms } = given(report, 'loadTest');
  const exact = exactReport(log, played.traffic.steady, startMs, 0);
  meets(
    played,
    'p99 reported of a stall',
    'A request that waits for a socket waits. A stopwatch that starts when it is sent leaves out the worst of the stall (coordinated omission).',
  );
  hold(near(p99Ms, exact.p99Ms), {
    happened: `p99 was ${seconds(p99Ms)}`,
    expected: `${seconds(exact.p99Ms)}, as the target's record says`,
  });
});

check('leaves the warm-up out', { needs: [sends] }, async () => {
  const { value, traffic } = await run();
  const { report, log, startMs } = value.cold;
  const { p50Ms, p95Ms } = given(report, 'loadTest');
  const exact = exactReport(log, traffic.cold, startMs, WARM_UP_MS);
  hold(near(p95Ms, exact.p95Ms) && near(p50Ms, exact.p50Ms), {
    happened: `p50 and p95 were ${ms(p50Ms)} and ${ms(p95Ms)} for a target that is three times as slow in its first ten seconds`,
    expected: `${ms(exact.p50Ms)} and ${ms(exact.p95Ms)}, of the requests due after \`warmUpMs\``,
  });
  isReported(
    'four requests are due after 0, 999, 1,000 and 1,500 ms and take 1,500, 600, 200 and 300 ms; the warm-up ends after 1,000 ms',
    given(value.warm, 'loadTest'),
    { p50Ms: 200, p95Ms: 300, p99Ms: 300, requestsPerSec: 2.5, tokensPerSec: 25, errorShare: 0 },
  );
});

check('counts what was answered, in requests and in tokens', { needs: [sends] }, async () => {
  const { value, traffic } = await run();
  const { report, log, startMs } = value.shedding;
  const said = given(report, 'loadTest', 'A refused request is a result. Catch it and count it.');
  const exact = exactReport(log, traffic.trace, startMs, 0);
  for (const name of ['errorShare', 'requestsPerSec', 'tokensPerSec', 'p95Ms'] as const)
    hold(near(said[name], exact[name]), {
      happened: `${name} of a bursty trace was ${round(said[name])}`,
      expected: `${round(exact[name])}: refused requests are errors, and neither throughput nor fast answers`,
    });
  isReported(
    'six requests share two sockets, the second and the last are refused, and the last answer comes after 2 s',
    given(value.refused, 'loadTest'),
    { p50Ms: 150, p95Ms: 1000, p99Ms: 1000, requestsPerSec: 2, tokensPerSec: 50, errorShare: 1 / 3 },
  );
});

step(2);

check('finds the highest rate that keeps the promise', async () => {
  const played = await run();
  const found = given(played.value.found, 'capacity');
  trueCapacities(played.traffic.load).forEach((most, i) => {
    hold(!((found[i] ?? 0) > most * 1.05), {
      happened: `capacity for ${i === 0 ? 'a p95 of 2.8 s' : 'at most 1 % errors'} was ${round(found[i] ?? 0)} a second`,
      expected: `at most ${round(most * 1.05)}: above ${round(most)} the target breaks one of its two promises`,
      help: 'A saturated target answers as much as it can while everybody waits or is refused. That is its throughput, not its capacity.',
    });
  });
  const edges = given(played.value.edges, 'capacity');
  for (const [i, { what, most }] of EDGES.entries())
    hold(Math.abs((edges[i] ?? -1) - most) <= 0.05 * most, {
      happened: `of the rates from 1 to 100 a second, ${what}; capacity was ${round(edges[i] ?? Number.NaN)}`,
      expected: `${most}${most === 40 ? ', within 5 %: a promise of at most so much is kept by just so much' : ''}`,
    });
  meets(
    played,
    'capacity error',
    'Halve the range: test its middle, keep the half in which the answer lies, until the range is 2 % wide.',
  );
});

check('names the rate at which waiting begins', async () => {
  const { value, traffic } = await run();
  const rate = given(value.knee, 'knee');
  hold(rate === trueKnee(traffic.load), {
    happened: `the knee of a curve of sixteen rates was ${rate} a second`,
    expected: `${trueKnee(traffic.load)}: the last rate before p95 is more than twice that of the lowest rate`,
    help: 'Left of the knee a request meets an idle place; right of it, it meets a queue.',
  });
  const knees = given(value.knees, 'knee');
  for (const [i, { p95s, last }] of KNEES.entries())
    hold(knees[i] === last, {
      happened: `p95 was ${p95s.join(', ')} ms at 5, 10, 15 … a second, and the knee was ${knees[i]}`,
      expected: `${last}: the last rate before p95 is more than twice ${p95s[0]} ms`,
    });
});

check('says when growth will have used it up', async () => {
  const { value } = await run();
  const day = given(value.exceeds, 'exceedsOn');
  const expected = trueDay(100);
  hold(Math.abs(day - expected) <= 10, {
    happened: `a peak that grows by 1.2 % a day is said to pass 100 a second on day ${Math.round(day)}`,
    expected: `day ${Math.round(expected)}, give or take ten: it grows by a share of itself, so its logarithm grows evenly`,
    help: 'Fit a line through the logarithms of all days; two single days are two accidents.',
  });
  const days = given(value.growths, 'exceedsOn').map(Number);
  for (const [i, { what, onDay }] of GROWTHS.entries())
    hold(days[i] === onDay || Math.abs((days[i] ?? Number.NaN) - onDay) <= 10, {
      happened: `a peak that ${what} is said to pass 64 a second on day ${Math.round(days[i] ?? Number.NaN)}`,
      expected:
        onDay === Number.POSITIVE_INFINITY ? 'Infinity: it never does' : `day ${onDay}, give or take ten`,
      help: 'Days have numbers, and there need not be a point for each.',
    });
});

/** Fails unless the report has these figures; `what` was tested. */
function isReported(what: string, said: Contract.LoadReport, expected: Contract.LoadReport): void {
  for (const name of Object.keys(expected) as Contract.Figure[])
    hold(near(said[name], expected[name]), {
      happened: `${what}; ${name} was ${round(said[name])}`,
      expected: `${round(expected[name])}`,
    });
}

function near(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= 0.01 * Math.abs(expected) + 1e-9;
}

function offBy(lateMs: number): string {
  return lateMs < 0 ? `${seconds(-lateMs)} too early` : `${ms(lateMs)} late`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(2)} s`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
