import * as subject from '#days/day5-nodejs/5-router/router.ts';
import { check, hold, meets, play, record } from '#lib/check';
import type { Call } from '#lib/provider';
import type { Answered } from '../routing/ask.ts';
import {
  afternoon,
  BALANCERS,
  BURSTS_MS,
  busy,
  DOWN_MS,
  FLAGGED,
  GREY_MS,
  HEDGE_SHARE,
  MORNING_MS,
  night,
  OUTAGE_MS,
  p95Of,
  THROTTLED_MS,
  tail,
  tenants,
  uneven,
} from './scenario.ts';

const busyRun = play(busy, subject);
const afternoonRun = play(afternoon, subject);
const tailRun = play(tail, subject);
const tenantsRun = play(tenants, subject);
const unevenRun = play(uneven, subject);
const nightRun = play(night, subject);

/** A region that is down is found out by three failures and looked at again every five seconds: 11 calls in 40 s. */
const MOST_INTO_OUTAGE = 12;
/** Back at work so long after the outage has ended. */
const BACK_WITHIN_MS = 15_000;

check('shortens the tail with one extra call in twenty', async () => {
  const played = await tailRun();
  const { ledger, value, traffic } = played;
  const streams = value.filter(({ question }) => question.streamed);
  noneFailed(value);
  const mixed = streams.find(({ text, shown }) => shown !== text);
  const twice = streams.find(({ question }) => {
    const [first, second] = ledger.callsFor(question.prompt);
    return second !== undefined && second.startMs > (first?.firstTokenMs ?? Number.POSITIVE_INFINITY);
  });
  hold(mixed === undefined && twice === undefined, {
    happened: mixed
      ? 'a user saw pieces of two answers, one between the other'
      : 'an answer was being shown when a second call for it was made',
    expected: 'one call to be left alone once its first words were shown',
    help: 'A hedge is for calls that have given nothing yet.',
  });
  const extra = ledger.calls.length - traffic.length;
  const inCalm = ledger.calls.filter((call) => call.prompt.startsWith('calm')).length;
  const askedInCalm = traffic.filter(({ prompt }) => prompt.startsWith('calm')).length;
  hold(extra <= HEDGE_SHARE * traffic.length, {
    happened: `${extra} extra calls were made for ${traffic.length} questions, ${extra - (inCalm - askedInCalm)} of them while every region was overloaded`,
    expected: `at most ${Math.floor(HEDGE_SHARE * traffic.length)}, one in twenty`,
    help: 'Hedge what is slower than 95 of 100, and keep a budget: when all are slow, a second call makes all slower.',
  });
  const both = ledger.calls.filter(
    (call) => call.outcome === 'answered' && ledger.callsFor(call.prompt).filter(wasAnswered).length > 1,
  );
  hold(both.length === 0, {
    happened: `${both.length / 2} questions were answered twice, and billed twice`,
    expected: 'the slower call to be aborted when the other has answered',
    help: 'One AbortController for each attempt.',
  });
  meets(
    played,
    'p97 of calm traffic',
    'When a call takes longer than 95 of 100 do, ask a second deployment and take the first answer.',
  );
  meets(played, 'extra calls');
});

check('uses what is paid for in advance first', async () => {
  const played = await busyRun();
  noneFailed(played.value);
  meets(
    played,
    'paid by the token',
    'A deployment with `places` costs the same used or not. Fill them before anything else.',
  );
});

check('spreads a burst instead of sending it where it looks best', async () => {
  const { ledger } = await busyRun();
  const refused = ledger.calls.filter((call) => call.status === 429 && call.deployment !== 'reserved');
  const crowded = refused[0]?.deployment;
  hold(refused.length <= BURSTS_MS.length, {
    happened: `of two bursts of 15 questions, ${refused.length} calls were refused with 429, most of them by ${crowded}, while others had places free`,
    expected: `at most one for each burst`,
    help: 'Latency is old news: it is the same for all fifteen. Count what is in flight, and choose between two picked at random.',
  });
  const unevenly = await unevenRun();
  const { value } = unevenly;
  record('compared', {
    title: 'p95 by balancer',
    unit: 'ms',
    values: Object.fromEntries(BALANCERS.map((name) => [name, p95Of(value.get(name))])),
  });
  for (const [name, least, most] of [
    ['round robin', 0.25, 0.42],
    ['weighted', 0.42, 0.75],
  ] as const) {
    const calls = unevenly.ledger.calls.filter((call) => call.prompt.startsWith(name));
    const share = calls.filter((call) => call.deployment === 'big').length / Math.max(1, calls.length);
    hold(share >= least && share <= most, {
      happened: `with the balance "${name}" the big one of three deployments (weights 6, 3 and 1) got ${percent(share)} of the calls`,
      expected: `${percent(least)} to ${percent(most)}`,
      help: 'Where no tenant speaks for one of them, `options.balance` chooses among the deployments that may be asked.',
    });
  }
  meets(
    unevenly,
    'p95 of uneven places',
    'Two random choices compare calls in flight × mean latency, so both must be true at that moment: count up before `send`, and down in `finally`.',
  );
});

check('does not take a blocked prompt for a failing deployment', async () => {
  const { value, ledger } = await afternoonRun();
  const early = value.filter(
    ({ question }) => question.prompt.startsWith('early') && question.atMs < GREY_MS.fromMs,
  );
  const lost = early.filter((it) => it.text === undefined);
  hold(lost.length === 0, () => ({
    happened: `after 25 blocked prompts ${lost.length} good questions failed as well: ${lost[0]?.error}`,
    expected: 'an answer to each of them; the deployments are well',
    help: 'A 400 says something about the request. Only what says something about the deployment may open its breaker.',
  }));
  const again = value.find(
    ({ question }) => question.prompt.includes(FLAGGED) && ledger.callsFor(question.prompt).length > 1,
  );
  hold(again === undefined, () => ({
    happened: `a prompt that the content filter blocks (400) was sent ${ledger.callsFor(again?.question.prompt ?? '').length} times`,
    expected: 'once: every deployment blocks it',
  }));
});

check('does not love a deployment because it fails fast', async () => {
  const { ledger, value } = await afternoonRun();
  const asked = value.filter(({ question }) => within(question.atMs, GREY_MS)).length;
  const calls = callsTo(ledger.calls, 'west', GREY_MS).length;
  hold(calls <= asked / 2, {
    happened: `while west failed nine times in ten, within 20 ms, it got ${calls} calls for ${asked} questions`,
    expected: `at most ${Math.floor(asked / 2)}`,
    help: 'A failure in 20 ms is not a latency of 20 ms. Average over answers only, and let failures count against it.',
  });
});

check('answers through an outage, and comes back after it', async () => {
  const played = await afternoonRun();
  const { ledger, value } = played;
  const into = callsTo(ledger.calls, 'east', OUTAGE_MS).length;
  hold(into <= MOST_INTO_OUTAGE, {
    happened: `east was down for 40 s and was asked ${into} times meanwhile`,
    expected: `at most ${MOST_INTO_OUTAGE}: a few failures to find out, then one look every few seconds`,
    help: 'A circuit breaker: open after some failures in a row, half open after a pause, one call to try.',
  });
  const back = ledger.calls.find(
    (call) => call.deployment === 'east' && call.startMs >= OUTAGE_MS.toMs && call.outcome === 'answered',
  );
  const backMs = (back?.startMs ?? Number.POSITIVE_INFINITY) - OUTAGE_MS.toMs;
  hold(backMs <= BACK_WITHIN_MS, {
    happened: back
      ? `east was well again and stood idle for ${seconds(backMs)}`
      : 'east was well again and never got another call',
    expected: `work for it within ${seconds(BACK_WITHIN_MS)}`,
    help: 'An open breaker must try again by itself (half open), or the region is lost until somebody restarts you.',
  });
  const failed = value.find(({ question, text }) => text === undefined && !question.prompt.includes(FLAGGED));
  hold(failed === undefined, () => ({
    happened: `a question at ${seconds(failed?.question.atMs)} got no answer: ${failed?.error ?? 'call gave nothing'}`,
    expected: 'another region to be asked',
    help: 'Catch what is the fault of the deployment (429, 5xx, a broken connection) and call the next one.',
  }));
  meets(played, 'questions answered');
  const quiet = await nightRun();
  const found = quiet.value.filter(
    ({ question }) => callsTo(quiet.ledger.callsFor(question.prompt), 'east', DOWN_MS).length > 0,
  );
  hold(found.length <= 1, {
    happened: `east went down while nobody asked anything, and half a minute later ${found.length} users were sent to it`,
    expected: 'none: `check` is called every five seconds and can find out before them',
    help: 'A health check: a short question of your own to every deployment, and a failure counts as any other does.',
  });
  const returned = callsTo(quiet.ledger.calls, 'east', MORNING_MS).filter((call) =>
    quiet.value.some(({ question }) => question.prompt === call.prompt),
  );
  hold(returned.length > 0, {
    happened: 'east was well again for ten seconds and two checks, and no user was sent to it',
    expected: 'an answer to a check, or to one call that tries (half open), to end its pause',
  });
});

check('waits as long as a deployment asks', async () => {
  const { ledger } = await afternoonRun();
  const calls = callsTo(ledger.calls, 'north', THROTTLED_MS);
  const [first, second, third] = calls;
  hold(calls.length <= 2, () => ({
    happened: `north answered 429 and asked to wait 25 s; it got ${calls.length} calls in that time, the next ones after ${seconds((second?.startMs ?? 0) - (first?.startMs ?? 0))} and ${seconds((third?.startMs ?? 0) - (first?.startMs ?? 0))}`,
    expected: 'two at most: it had said when to come back',
    help: "`retry-after-ms`, or `retry-after` in seconds, in `error.headers`. A pause of one's own invention is not what was asked.",
  }));
});

check('keeps a tenant where its prompt is cached', async () => {
  meets(
    await tenantsRun(),
    'prompt-cache hits',
    'Each deployment has a cache of its own. Prefer one deployment for each tenant, by a hash of its name, while it is well.',
  );
});

/** Where two deployments of three are well at any time, there is an answer to everything. */
function noneFailed(answered: readonly Answered[]): void {
  const failed = answered.find((it) => it.text === undefined);
  hold(failed === undefined, () => ({
    happened: `a question got no answer: ${failed?.error ?? '`call` gave nothing'}`,
    expected: 'another deployment to be asked when one refuses',
  }));
}

function within(ms: number, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  return ms >= fromMs && ms < toMs;
}

function callsTo(
  calls: readonly Call[],
  deployment: string,
  window: { fromMs: number; toMs: number },
): Call[] {
  return calls.filter((call) => call.deployment === deployment && within(call.startMs, window));
}

function wasAnswered(call: Call): boolean {
  return call.outcome === 'answered';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
