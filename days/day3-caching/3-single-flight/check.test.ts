import * as subject from '#days/day3-caching/3-single-flight/get-or-set.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { endedInWords, isLetGo, leavesNoListener } from '#lib/check/cancellation.ts';
import { OPTIONS, SHORTEST_LIFE } from './scenario/callers.ts';
import { CLIENTS, scenario } from './scenario/index.ts';
import { LEAVES_MS } from './scenario/leaving.ts';

/** Room for the refresh itself: an answer takes a second or two. */
const REFRESH_MS = 4000;
/** Timers fire on whole milliseconds. */
const SLACK_MS = 10;

const run = play(scenario, subject);

step(1);

check('never gives one tenant the answer of another', async () => {
  const { burst, alike } = (await run()).value;
  for (const { tenant, got } of [...burst.seen, ...alike]) {
    hold(!got || got.tenant === tenant, {
      happened: `a client of tenant "${tenant}" got the answer that was made for tenant "${got?.tenant}", because both asked for the same question, or for two that read the same once tenant and question are joined`,
      expected: 'each tenant to share only with itself',
      help: 'What is under way needs the same key as what is stored: tenant and question, joined so that they cannot run together.',
    });
  }
});

const single = check(`asks the provider once when ${CLIENTS} clients ask at the same time`, async () => {
  const played = await run();
  meets(
    played,
    'calls for a burst of 500',
    'Between the look into the map and the answer there is an await, and everybody who comes meanwhile finds nothing. Keep the promise that is under way and let them share it.',
  );
  const unserved = played.value.burst.seen.filter(({ got }) => !got);
  hold(unserved.length === 0, () => ({
    happened: `${unserved.length} of ${CLIENTS} clients got no answer: ${unserved[0]?.error}`,
    expected: 'one for each',
  }));
});

check('tries again after a failure', async () => {
  const { again, attempts, first } = (await run()).value.failure;
  hold(again.got !== undefined, {
    happened: `a second after a failed attempt the next caller got ${again.error}, after ${attempts} attempts`,
    expected: 'a new attempt, and its answer',
    help: 'A rejected promise that stays in the map fails everybody for ever. Take it out when it settles, either way.',
  });
  const left = first.find(({ waitedMs }) => waitedMs > 2000);
  hold(!left, {
    happened: 'callers who waited for the attempt that failed were never told',
    expected: 'them to get its error, or the answer of a new attempt',
  });
});

check('lets one caller leave without taking the answer from the others', { needs: [single] }, async () => {
  const { leaving, abandoned, afterLast, otherwise, inGrace } = (await run()).value;
  const { first, others, last } = leaving.seen;
  hold(last.got !== undefined, () => ({
    happened: `ten waited, nine left one after the other, and the tenth got ${last.error}`,
    expected: 'the answer',
    help: 'The shared call needs a signal of its own, which aborts when the last of those who wait has left.',
  }));
  isLetGo(first, `the one who left after ${LEAVES_MS} ms`, LEAVES_MS);
  for (const other of others) isLetGo(other, 'one of eight who left after the first', LEAVES_MS);
  isLetGo(inGrace, 'one who left while an old answer could have been shown', LEAVES_MS);
  isLetGo(otherwise.before, 'one who had left before it asked', 0);
  hold(otherwise.startsBefore === 0, {
    happened: `one asked whose signal had aborted before, and \`make\` was called ${otherwise.startsBefore} times`,
    expected: 'no call: nobody wants its value',
  });
  hold(afterLast.next.got !== undefined, {
    happened: `the only one who waited left, and the next one, who asked in the same moment, got ${afterLast.next.error}`,
    expected: 'a call of its own, and its answer',
    help: 'A call that is being stopped must not be found any more.',
  });
  hold(afterLast.third.got !== undefined && afterLast.starts <= 2, {
    happened: `the only one who waited left, the next one asked, and a third when the stopped call had ended: \`make\` was called ${afterLast.starts} times${afterLast.third.got ? '' : `, and the third got ${afterLast.third.error}`}`,
    expected: 'at most 2 calls: the third waits with the second',
    help: 'When a call ends, take it out of the map only if it is the one that stands there.',
  });
  const outcomes = abandoned.calls.map(({ outcome }) => outcome).join();
  hold(outcomes === 'aborted', {
    happened: `when everybody who waited had left, the provider's call ended as: ${outcomes}`,
    expected: 'aborted: nobody will read what is still being written and billed',
    help: 'Count those who wait. When the last one leaves, abort the signal that `make` was given.',
  });
  hold(otherwise.stayed.how === 'resolved', {
    happened: `one who stayed ${endedInWords(otherwise.stayed)}`,
    expected: 'the answer',
  });
  leavesNoListener(otherwise.stayed, 'one who stayed to the end');
  for (const seen of [first, ...others, ...abandoned.seen]) leavesNoListener(seen, 'one who left');
  leavesNoListener(inGrace, 'one who left while an old answer could have been shown');
});

step(2);

check('shows what it has at expiry and refreshes behind it', async () => {
  const played = await run();
  meets(
    played,
    'p95 wait once filled',
    'Within the grace there is an answer that may be shown. Start the refresh, wait for it no longer than `softTimeoutMs`, then show the old one.',
  );
  const { seen } = played.value.expiry;
  const oldest = Math.max(...seen.map(({ got, askedMs }) => askedMs - (got?.atMs ?? askedMs)));
  hold(oldest <= OPTIONS.ttlMs + REFRESH_MS, {
    happened: `somebody was shown an answer ${(oldest / 1000).toFixed(1)} s old while the provider was well`,
    expected: `one that is refreshed as soon as it is older than ${OPTIONS.ttlMs / 1000} s`,
  });
  const { old, soon, timersLeft, after, startsAgain, late } = played.value.grace;
  for (const it of soon) {
    hold(it.how === 'resolved' && (it.value?.atMs ?? 0) > (old.got?.atMs ?? 0), {
      happened: `within the grace a refresh took ${OPTIONS.softTimeoutMs - 10} ms, and the caller ${it.how === 'resolved' ? `got the old answer after ${Math.round(it.afterMs)} ms` : endedInWords(it)}`,
      expected: `the new answer: it came within the soft timeout of ${OPTIONS.softTimeoutMs} ms`,
    });
    leavesNoListener(it, 'one who got the new answer within the grace');
  }
  hold(startsAgain === 0 && after.got !== undefined && after.got.atMs > (soon[0]?.value?.atMs ?? 0), {
    happened: `a caller left while its refresh was made behind an old answer; when that should have ended, the next one got ${after.got ? 'an answer' : after.error}, and \`make\` was called ${startsAgain} times more`,
    expected: 'what the refresh had made: whoever comes next wants it',
    help: 'Only a call without an old answer to show is stopped when nobody waits.',
  });
  const { next, starts } = played.value.overtaken;
  hold(next.got !== undefined && starts === 2, {
    happened: `a refresh began within the grace and went on past it, where one more joined it and left; the next one got ${next.got ? 'an answer' : next.error}, and \`make\` was called ${starts} times in all`,
    expected: '2 calls, the first and the refresh: it is not stopped by one who joins it',
  });
  hold(late.got !== undefined && Math.abs(late.waitedMs - OPTIONS.softTimeoutMs) <= SLACK_MS, {
    happened: `within the grace a refresh took a second, and the caller got ${late.got ? 'an answer' : late.error} after ${Math.round(late.waitedMs)} ms`,
    expected: `the old answer after the soft timeout of ${OPTIONS.softTimeoutMs} ms`,
  });
  for (const [i, left] of timersLeft.entries())
    hold(left === 0, {
      happened: `a caller ${i === 0 ? 'had got the new answer' : 'had left'} within the grace, and timers that still ran: ${left}`,
      expected: 'none: each keeps the process and its answer alive',
      help: '`clearTimeout` when the refresh wins, and when the caller leaves.',
    });
});

check('serves old answers through an outage, but not beyond the grace', async () => {
  const { outage, edges } = (await run()).value;
  const { startMs, seen } = outage;
  const longest = OPTIONS.ttlMs + OPTIONS.graceMs;
  for (const { askedMs, waitedMs, got, error } of seen) {
    const atSecond = Math.round((askedMs - startMs) / 1000);
    const ageMs = got ? askedMs - got.atMs : 0;
    hold(ageMs <= longest, {
      happened: `${atSecond} s after the start, in an outage, an answer ${(ageMs / 1000).toFixed(1)} s old was shown`,
      expected: `none older than time to live and grace together, ${longest / 1000} s; then the error is the truth`,
      help: 'Stale answers hide an outage. The grace says for how long that is better than saying so.',
    });
    const mayFail = atSecond >= (longest * SHORTEST_LIFE) / 1000 && atSecond <= 43;
    hold(got !== undefined || mayFail, {
      happened: `${atSecond} s after the start a caller got ${error}`,
      expected: 'the last answer, which was within its grace, or a new one once the provider was back',
    });
    hold(waitedMs <= OPTIONS.softTimeoutMs + 150, {
      happened: `${atSecond} s after the start, while the provider hung, a caller waited ${(waitedMs / 1000).toFixed(1)} s`,
      expected: `at most the soft timeout of ${OPTIONS.softTimeoutMs} ms while there is something to show`,
      help: 'Let the refresh race with a timer, and leave it running when the timer wins.',
    });
  }
  hold(edges.last.got !== undefined, {
    happened: `in an outage, 1 ms before the end of the grace of what lives for the shortest time that is allowed, a caller got ${edges.last.error}`,
    expected: 'the last answer',
  });
  hold(edges.past.got === undefined, {
    happened: 'in an outage, 1 ms after time to live and grace, a caller was shown the last answer',
    expected: `the error: the answer was older than time to live and grace together, ${longest / 1000} s`,
  });
});

check('leaves no rejection unhandled', async () => {
  const { unhandled } = await run();
  hold(unhandled.length === 0, () => ({
    happened: `a refresh failed while nobody waited for it, and its rejection was unhandled: ${unhandled[0]}`,
    expected: 'a handler on it; without one Node ends the process in the middle of the outage',
  }));
});

check('spreads the refreshes of what was written together', async () => {
  const played = await run();
  const { shortestLife, longestLife, refreshes } = played.value.page;
  hold(refreshes > 0, {
    happened: 'in four minutes nothing was refreshed',
    expected: 'new answers every minute',
  });
  hold(shortestLife >= SHORTEST_LIFE - 0.001, {
    happened: `an answer was made again after ${Math.round(shortestLife * 100)} % of its time to live`,
    expected: `at least ${SHORTEST_LIFE * 100} %: what is refreshed too early is paid for too often`,
  });
  hold(longestLife <= 1, {
    happened: `an answer lived for ${Math.round(longestLife * 100)} % of its time to live`,
    expected: 'its whole time to live at most: it may be shortened, never made longer',
  });
  meets(
    played,
    'most refreshes at once',
    'Written together, expired together: 120 calls in one moment, every minute. Shorten each time to live by a different part, up to a fifth.',
  );
});
