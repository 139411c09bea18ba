import * as subject from '#days/day4-metrics/5-load-test/load-test.ts';
import { check, hold, meets, play } from '#lib/check';
import { given } from '../given.ts';
import { exactReport } from '../target.ts';
import { SOCKETS, scenario, trueCapacities, trueDay, trueKnee, WARM_UP_MS } from './scenario.ts';

const run = play(scenario, subject);

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
});

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
});

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
