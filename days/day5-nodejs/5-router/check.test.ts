import * as subject from '#days/day5-nodejs/5-router/router.ts';
import { check, hold, meets, play, record, step } from '#lib/check';
import type { Call } from '#lib/provider';
import type { Answered } from '../routing/ask.ts';
import type { Told } from '../routing/scripted.ts';
import {
  afternoon,
  BALANCERS,
  BURSTS_MS,
  busy,
  CHECK_EVERY_MS,
  checks,
  DOWN_MS,
  DRAWN,
  draws,
  FLAGGED,
  failing,
  GREY_MS,
  HEDGE_SHARE,
  homes,
  INNOCENT,
  MANY,
  MORNING_MS,
  MOST_EXTRA,
  night,
  OUTAGE_MS,
  PACES_MS,
  p95Of,
  places,
  racing,
  SLOWED_MS,
  TAKES_MS,
  tail,
  tenants,
  told,
  uneven,
  WAITS,
  waiting,
} from './scenario.ts';

const busyRun = play(busy, subject);
const afternoonRun = play(afternoon, subject);
const tailRun = play(tail, subject);
const tenantsRun = play(tenants, subject);
const unevenRun = play(uneven, subject);
const nightRun = play(night, subject);
const placesRun = play(places, subject);
const toldRun = play(told, subject);
const homesRun = play(homes, subject);
const drawsRun = play(draws, subject);
const failingRun = play(failing, subject);
const waitingRun = play(waiting, subject);
const checksRun = play(checks, subject);
const racingRun = play(racing, subject);

/** The pause that the task asks for, and how far a timer and the next user may be from it. */
const PAUSE_MS = { least: 5000, most: 30_000 };
const NEXT_USER_MS = 600;
/** Three failures, and one look after each of the shortest pauses: 11 calls of users in 40 s. */
const MOST_INTO_OUTAGE = 12;
/** How far a mean may be from what was measured: a moving one never forgets all. */
const NEAR = 0.1;
const DRAWN_NEAR = 0.02;
const FEW_WORDS = 100;

step(1);

check('uses what is paid for in advance first', async () => {
  const played = await busyRun();
  const { atOnce, sixth, last, offered, unanswered } = (await placesRun()).value;
  const count = (name: string) => atOnce.filter((it) => it === name).length;
  hold(count('bought') === 2 && count('leased') === 1, {
    happened: `two places of "bought" and one of "leased" are paid for, "east" by the token; of five questions at one time ${count('bought')} went to "bought", ${count('leased')} to "leased"`,
    expected: '2 and 1: as many as there are places, and no more',
    help: 'Count the calls in flight of each deployment: up before `send`, down when it ends, however it ends.',
  });
  hold(sixth === 'bought' && last !== 'east', {
    happened: `a paid place was free again, and the next question went to "${sixth === 'bought' ? last : sixth}"`,
    expected: 'the place to be used',
  });
  hold(!offered.some((name) => name !== 'east'), {
    happened: `\`balance\` was offered ${offered.join(', ')}`,
    expected: '"east" only: the other two are paid for in advance',
  });
  hold(unanswered === undefined, {
    happened: `one deployment with one place, all of it paid for, and two questions at one time: one got ${unanswered}`,
    expected: 'both to be asked: nobody waits for a place',
  });
  meets(
    played,
    'paid by the token',
    'A deployment with `places` costs the same used or not. Fill them before anything else.',
  );
});

check('spreads a burst instead of sending it where it looks best', async () => {
  const unevenly = await unevenRun();
  const { first, slowed, leastMs, miscounted } = (await toldRun()).value;
  hold(miscounted === undefined, () => ({
    happened: `\`balance\` was told that ${miscounted?.name} had ${miscounted?.told} calls in flight, when it had ${miscounted?.truth}`,
    expected: 'the calls that are under way at that moment',
  }));
  for (const [name, ms] of Object.entries(TAKES_MS))
    meanIs(first[name], ms, `${name} took ${ms} ms for each of 30 answers`);
  meanIs(
    slowed.east,
    SLOWED_MS,
    `east took ${TAKES_MS.east} ms for 30 answers and then ${SLOWED_MS} ms for 100`,
  );
  hold(leastMs >= SLOWED_MS * (1 - NEAR), {
    happened: `east answered in ${SLOWED_MS} ms, and one call in eight failed in 20 ms; \`balance\` was told a mean of ${Math.round(leastMs)} ms`,
    expected: `the mean of its answers, about ${SLOWED_MS} ms`,
    help: 'A failure in 20 ms is not a latency of 20 ms.',
  });
  const { ledger } = await busyRun();
  const refused = ledger.calls.filter((call) => call.status === 429 && call.deployment !== 'reserved');
  const crowded = refused[0]?.deployment;
  hold(refused.length <= BURSTS_MS.length, {
    happened: `of two bursts of 15 questions, ${refused.length} calls were refused with 429, most of them by ${crowded}, while others had places free`,
    expected: `at most one for each burst`,
    help: 'Latency is old news: it is the same for all fifteen. Let `options.balance` choose for each of them.',
  });
  const { value } = unevenly;
  const compared = BALANCERS.filter((name) => value.has(name));
  record('compared', {
    title: 'p95 by balancer',
    unit: 'ms',
    values: Object.fromEntries(compared.map((name) => [name, p95Of(value.get(name))])),
  });
  const turns = unevenly.ledger.calls.filter((call) => call.prompt.startsWith('round robin'));
  const share = turns.filter((call) => call.deployment === 'big').length / Math.max(1, turns.length);
  hold(share >= 0.25 && share <= 0.42, {
    happened: `with the balance "round robin" one of three deployments got ${percent(share)} of the calls`,
    expected: 'a third',
    help: 'Where no tenant speaks for one of them, `options.balance` chooses among the deployments that may be asked.',
  });
  meets(
    unevenly,
    'p95 of uneven places',
    'Two random choices compare calls in flight × mean latency, so both must be true at that moment: count up before `send`, and down in `finally`.',
  );
  const draws = (await drawsRun()).value;
  for (const name of ['byWeight', 'byLatency'] as const) {
    DRAWN[name].forEach(({ of, shares }, i) => {
      const drawn = draws[name]?.[i];
      const said = of.map(({ deployment, meanMs }) =>
        name === 'byWeight' ? `${deployment.weight ?? 'none'}` : `${meanMs} ms`,
      );
      hold(drawn !== undefined && shares.every((it, k) => Math.abs(it - (drawn[k] ?? 0)) <= DRAWN_NEAR), {
        happened: drawn
          ? `of 20,000 draws with ${name === 'byWeight' ? 'weights of' : 'means of'} ${said.join(', ')}, \`${name}\` gave ${drawn.map(percent).join(', ')} to them`
          : `there is no \`${name}\``,
        expected: drawn ? shares.map(percent).join(', ') : `\`export function ${name}(candidates, random)\``,
      });
    });
  }
});

check('keeps a tenant where its prompt is cached', async () => {
  const asked = (await homesRun()).value;
  const moved = asked.find(([first, second]) => first !== second);
  hold(moved === undefined, () => ({
    happened: `a tenant's first question went to ${moved?.[0]}, its second to ${moved?.[1]}; both were well`,
    expected: 'the same deployment',
  }));
  for (const name of ['east', 'west', 'north']) {
    const count = asked.filter(([home]) => home === name).length;
    hold(count >= asked.length / 10, {
      happened: `of ${asked.length} tenants ${count} had ${name} as their home`,
      expected: 'tenants spread over all three',
      help: 'A hash of the name of the tenant and of the deployment gives each tenant an order of its own.',
    });
  }
  meets(
    await tenantsRun(),
    'prompt-cache hits',
    'Each deployment has a cache of its own. Prefer one deployment for each tenant, by a hash of its name, while it is well.',
  );
});

step(2);

check('does not take a blocked prompt for a failing deployment', async () => {
  const { innocent } = (await failingRun()).value;
  innocent.forEach((calls, i) => {
    const status = INNOCENT[i];
    const twice = calls.find((it) => it.asked[0] === 'east' && it.asked.length > 1);
    hold(twice === undefined, () => ({
      happened: `east answered ${status}, and then ${twice?.asked.slice(1).join(', ')} was asked`,
      expected:
        'the error to go to the caller: it says something about the request, and all deployments will say the same',
    }));
    const left = calls.findIndex((it) => it.asked[0] !== 'east');
    hold(left < 0, {
      happened: `east answered ${status} to ${left} requests, and was not asked again`,
      expected: 'it to be asked as before: the deployment is well',
      help: 'Only what says something about the deployment may open its breaker: 5xx and lost connections.',
    });
    const other = calls.find((it) => !it.isTheirs);
    hold(other === undefined, () => ({
      happened: `east answered ${status}, and the caller got ${other?.error ?? 'no error'}`,
      expected: 'the error of the deployment, as it was',
    }));
  });
  const { value, ledger } = await afternoonRun();
  const early = value.filter(
    ({ question }) => question.prompt.startsWith('early') && question.atMs < GREY_MS.fromMs,
  );
  const lost = early.filter((it) => it.text === undefined);
  hold(lost.length === 0, () => ({
    happened: `after 25 blocked prompts ${lost.length} good questions failed as well: ${lost[0]?.error}`,
    expected: 'an answer to each of them; the deployments are well',
  }));
  const again = value.find(
    ({ question }) => question.prompt.includes(FLAGGED) && ledger.callsFor(question.prompt).length > 1,
  );
  hold(again === undefined, () => ({
    happened: `a prompt that the content filter blocks (400) was sent ${ledger.callsFor(again?.question.prompt ?? '').length} times`,
    expected: 'once: every deployment blocks it',
  }));
});

check('answers through an outage, and comes back after it', async () => {
  const played = await afternoonRun();
  const failed = (await failingRun()).value;
  for (const [name, calls] of Object.entries(failed.failures)) failsOver(name, calls);
  failsOver('a 429', failed.refused ? [failed.refused] : []);
  for (const [name, calls] of Object.entries(failed.failures)) {
    hold(calls[1]?.asked[0] === 'east', {
      happened: `after one failure, ${name}, east was not asked any more`,
      expected: 'a breaker that opens after three in a row at the latest, and not after one',
    });
    hold(
      calls.slice(3).every((it) => it.asked[0] !== 'east'),
      {
        happened: `east had failed three times in a row, each time with ${name}, and the next user was sent to it within a second`,
        expected: 'an open breaker: no call for 5 s or more, while others are well',
      },
    );
  }
  const { scattered, everywhere, shown, unshown, allShut, trials } = failed;
  hold(
    scattered.every((it) => it.asked[0] === 'east'),
    {
      happened: 'one answer in six of east was a failure, never two in a row, and its breaker opened',
      expected: 'a breaker that an answer closes: single failures among answers do not add up',
    },
  );
  hold(new Set(everywhere?.asked).size === 3 && everywhere?.isTheirs === true, {
    happened: `all three deployments failed; asked were ${everywhere?.asked.join(', ') || 'none'}, and the caller got ${everywhere?.error ?? `"${everywhere?.text}"`}`,
    expected: 'each to be asked, and an error of theirs for the caller',
  });
  hold(shown?.asked.length === 1 && shown.isTheirs, {
    happened: `east had shown "${shown?.shown}" of a streamed answer and failed; asked were ${shown?.asked.join(', ')}, and the caller got ${shown?.error ?? `"${shown?.text}"`}`,
    expected: 'the error: what is shown cannot be taken back, and a second answer would begin anew',
  });
  failsOver('a 500 before the first word of a stream', unshown ? [unshown] : []);
  hold(allShut.text !== undefined, {
    happened: `all three breakers were open, everybody was well again, and the caller got ${allShut.error}`,
    expected: 'one to be asked all the same: a try is better than no answer',
  });
  const ended = trials.calls.slice(3);
  const [first] = ended;
  hold(first !== undefined, {
    happened: 'east failed three times and was not asked again in over a minute, with two users a second',
    expected: 'one call to try after a pause of 5 to 30 s (half open)',
  });
  trials.calls.slice(2).forEach(({ atMs, endMs }, i) => {
    const next = trials.calls[i + 3];
    if (!next) return;
    hold(next.atMs >= endMs, {
      happened: `while one call tried whether east was well, another user was sent to it ${seconds(next.atMs - atMs)} later`,
      expected: 'one at a time: nobody else, until the call that tries has ended',
      help: 'Note that a call is trying when you send it; it takes eight seconds to fail here.',
    });
    const pauseMs = next.atMs - endMs;
    hold(pauseMs >= PAUSE_MS.least - 1 && pauseMs <= PAUSE_MS.most + NEXT_USER_MS, {
      happened: `east failed, and the next user was sent to it after ${seconds(pauseMs)}`,
      expected: 'a pause of 5 to 30 s after each failure, and then a call to try',
    });
  });
  hold(
    trials.after.every((it) => it === 'east'),
    {
      happened: `east had answered for half a minute, and of three users at one time ${trials.after.filter((it) => it === 'east').length} were sent to it, where the balance would choose it for all`,
      expected: 'an answer to the call that tries to close the breaker',
    },
  );
  const { ledger, value } = played;
  const asked = value.filter(({ question }) => within(question.atMs, GREY_MS)).length;
  const users = new Set(value.map(({ question }) => question.prompt));
  const usersCalls = ledger.calls.filter(({ prompt }) => users.has(prompt));
  const grey = callsTo(usersCalls, 'west', GREY_MS).length;
  hold(grey <= asked / 2, {
    happened: `while west failed nine times in ten, within 20 ms, it got ${grey} calls for ${asked} questions`,
    expected: `at most ${Math.floor(asked / 2)}`,
    help: 'It is fast because it fails. Average over answers only, and let failures count against it.',
  });
  const into = callsTo(usersCalls, 'east', OUTAGE_MS).length;
  hold(into <= MOST_INTO_OUTAGE, {
    happened: `east was down for 40 s and users were sent to it ${into} times meanwhile`,
    expected: `at most ${MOST_INTO_OUTAGE}: a few failures to find out, then one call to try after each pause`,
  });
  const unanswered = value.find(
    ({ question, text }) => text === undefined && !question.prompt.includes(FLAGGED),
  );
  hold(unanswered === undefined, () => ({
    happened: `a question at ${seconds(unanswered?.question.atMs)} got no answer: ${unanswered?.error ?? 'call gave nothing'}`,
    expected: 'another region to be asked',
    help: 'Catch what is the fault of the deployment (429, 5xx, a broken connection) and call the next one.',
  }));
  meets(played, 'questions answered');
});

check('finds out by itself who is down and who is back', async () => {
  const { endedMs, hungAsked, perCheck, longest, back, rejected } = (await checksRun()).value;
  hold(perCheck >= 1 && perCheck <= 3 && longest <= FEW_WORDS, {
    happened: `with three deployments \`check\` asked ${perCheck} questions, the longest of ${longest} characters`,
    expected: `one question of a few words to each: at most ${FEW_WORDS} characters, since it is paid for every five seconds`,
  });
  hold(hungAsked[0] !== 'east' && endedMs.length === 4 && endedMs.every((ms) => ms <= CHECK_EVERY_MS), {
    happened:
      hungAsked[0] === 'east'
        ? 'east answered nothing to four checks and did not refuse either, and the next user was sent to it'
        : `east answered nothing, and of four checks ${endedMs.filter((ms) => ms <= CHECK_EVERY_MS).length} had ended within five seconds`,
    expected: 'no answer within five seconds to count as a failure',
    help: '`AbortSignal.timeout` ends the wait. The error that follows looks like an abort of your own.',
  });
  hold(rejected === undefined, {
    happened: `every deployment failed, and \`check\` rejected with ${rejected}`,
    expected: 'no error: nobody waits for it',
  });
  hold(back[0] === 'east', {
    happened: 'east was well again and answered a check, and the next user was not sent to it',
    expected: 'an answer to a check to end the pause',
  });
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
    expected: 'an answer to a check to end its pause',
  });
});

check('waits as long as a deployment asks', async () => {
  const { byUser, byCheck } = (await waitingRun()).value;
  WAITS.forEach(({ headers, askedMs }, i) => {
    const said = Object.entries(headers).map(([name, value]) => `"${name}: ${value}"`);
    isLeftAlone(byUser[i], askedMs, `a user's call was answered 429 with ${said.join(' and ')}`);
  });
  isLeftAlone(byCheck, 25_000, 'a check was answered 429 with "retry-after: 25"');
});

step(3);

check('shortens the tail with one extra call in twenty', async () => {
  const played = await tailRun();
  const { paces, three, hedgeFails, firstFails, many, early } = (await racingRun()).value;
  paces.forEach(({ calls, told: [answered] }, i) => {
    const usualMs = PACES_MS[i] ?? 0;
    const [first, second] = calls;
    const lateMs = (second?.atMs ?? Number.POSITIVE_INFINITY) - (first?.atMs ?? 0);
    hold(lateMs >= usualMs && lateMs <= 2.5 * usualMs && second?.to !== first?.to, {
      happened:
        second === undefined
          ? `after a hundred answers of about ${usualMs} ms a call took thirty times as long, and no second one was made`
          : `after a hundred answers of about ${usualMs} ms a second call was made ${Math.round(lateMs)} ms after the first, to ${second.to}`,
      expected: `a second call to another deployment when it is slower than 95 of 100, here after ${usualMs} to ${2.5 * usualMs} ms`,
    });
    hold(answered?.text?.startsWith(second?.to ?? '') === true && first?.isAborted === true, {
      happened: `the second call had answered, and the caller got ${answered?.text ? `"${answered.text}"` : answered?.error}; the first one ${first?.isAborted ? 'was aborted' : 'ran on'}`,
      expected: 'the first answer to win, and the loser to be aborted',
      help: 'One AbortController for each attempt.',
    });
  });
  hold(many <= MOST_EXTRA, {
    happened: `of ${100 + MANY} requests the last ${MANY} were slow, and ${many} extra calls were made`,
    expected: `at most ${MOST_EXTRA}: one in twenty`,
  });
  const [firstCall, , thirdCall] = early;
  const thirdMs = (thirdCall?.atMs ?? Number.POSITIVE_INFINITY) - (firstCall?.atMs ?? 0);
  hold(thirdMs >= 150, {
    happened: `a call failed after 50 ms, the next deployment was asked, and ${Math.round(thirdMs - 50)} ms later a third one as well`,
    expected: 'no second call before the one under way is slower than 95 of 100, about 100 ms',
    help: 'The timer of a call that has failed is still running: `clearTimeout`.',
  });
  hold(three.next === 'east', {
    happened:
      'three calls to east were overtaken and aborted by the router itself, and the next user was not sent to it',
    expected: 'an abort of your own to count as nothing: no failure of the deployment',
  });
  hold(
    three.inFlight.every((count) => count === 0),
    {
      happened: `all calls had ended, and \`balance\` was told of ${three.inFlight.join(', ')} in flight`,
      expected: 'none in flight',
    },
  );
  for (const [{ told }, what] of [
    [hedgeFails, 'the second call failed while the first still ran'],
    [firstFails, 'the first call failed while the second still ran'],
  ] as const)
    hold(told[0]?.text !== undefined, {
      happened: `${what}, and the caller got ${told[0]?.error}`,
      expected: 'the answer of the other one',
    });
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

function meanIs(meanMs: number | undefined, ms: number, when: string): void {
  hold(meanMs !== undefined && Math.abs(meanMs - ms) <= NEAR * ms, {
    happened: `${when}; \`balance\` was told a mean of ${meanMs === undefined ? 'nothing' : `${Math.round(meanMs)} ms`}`,
    expected: `the mean of its latest answers, about ${ms} ms`,
  });
}

function failsOver(failure: string, calls: readonly Told[]): void {
  const lost = calls.find((it) => it.text === undefined);
  hold(calls.length > 0 && lost === undefined, () => ({
    happened: `east answered with ${failure}, and the caller got ${lost?.error ?? 'nothing'}`,
    expected: 'the next deployment to be asked',
    help: 'Catch what is the fault of the deployment (429, 5xx, a broken connection) and call the next one.',
  }));
}

function isLeftAlone(
  again: { userMs?: number | undefined; checkMs?: number | undefined } | undefined,
  askedMs: number,
  when: string,
): void {
  const { userMs = Number.POSITIVE_INFINITY, checkMs = Number.POSITIVE_INFINITY } = again ?? {};
  for (const [ms, who] of [
    [userMs, 'a user was sent to it'],
    [checkMs, 'it was asked by `check`'],
  ] as const)
    hold(ms >= askedMs - 1, {
      happened: `${when}; ${who} again after ${seconds(ms)}`,
      expected: `no call at all for ${seconds(askedMs)}: it had said when to come back`,
      help: '`retry-after-ms`, or `retry-after` in seconds, in `error.headers`.',
    });
  hold(userMs <= askedMs + 1000, {
    happened: `${when}; it was well after that, and ${Number.isFinite(userMs) ? `the next user was sent to it after ${seconds(userMs)}` : 'no user was sent to it any more'}`,
    expected: `the next user after ${seconds(askedMs)}: a longer pause than it asked for leaves it idle`,
  });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
