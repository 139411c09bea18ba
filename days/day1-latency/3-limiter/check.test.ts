import * as subject from '#days/day1-latency/3-limiter/limiter.ts';
import { check, hold, meets, play } from '#lib/check';
import { endedInWords, isLetGo, leavesNoListener } from '#lib/check/cancellation.ts';
import { corners, DISPATCH_MS, handovers, LEAVES_MS, PLACES, scenario } from './scenario.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const handoversRun = play(handovers, subject);

check(`never has more than ${PLACES} calls under way`, async () => {
  const { ledger } = await run();
  const refused = ledger.calls.filter((call) => call.status === 429).length;
  const peak = ledger.peakInFlight();
  hold(peak <= PLACES && refused === 0, {
    happened: `the provider refused ${refused} calls because all ${PLACES} places were taken`,
    expected: `at most ${PLACES} calls at any moment`,
    help: 'Take the place before the first await: between a test of the counter and its change, others get in.',
  });
});

check('runs every task', async () => {
  const { value, traffic } = await run();
  const done = value.filter((result) => result.status === 'fulfilled').length;
  hold(done === traffic.length, {
    happened: `${done} of ${traffic.length} tasks ended well`,
    expected: 'all of them',
  });
});

check('gives the place back when a task fails', async () => {
  const { outcome } = await cornersRun();
  hold(outcome.ok, {
    happened: `with tasks that fail, the others never got their turn: ${outcome.ok || (outcome.error as Error).message}`,
    expected: 'a failed task to make room for the next one',
    help: 'Give the place back in `finally`.',
  });
  const failed = outcome.value.outcomes
    .map((result) => (result.status === 'rejected' ? 'failed' : 'done'))
    .join(' ');
  hold(failed === 'failed done failed done failed done', {
    happened: `six tasks of which every other one throws ended: ${failed}`,
    expected: 'failed done failed done failed done: each caller gets what its own task did',
  });
  const { thrown, afterThrow } = (await handoversRun()).value;
  hold(thrown === 'Error: no connection' && afterThrow === 'done', {
    happened: `a task threw before its first await; its caller was told "${thrown}", and the task after it ${afterThrow}`,
    expected: '"Error: no connection" for the caller, and the next task done',
    help: 'A function that throws at once returns no promise to add a `finally` to. Call it inside of `try`.',
  });
});

check('lets nobody slip in while a place changes hands', async () => {
  const { mostInside } = (await handoversRun()).value;
  hold(mostInside === 1, {
    happened: `with one place, ${mostInside} tasks ran at the same time: newcomers came in the moment in which a task ended`,
    expected: 'the place to go to the one who waits, and to nobody else',
    help: 'Between the end of one task and the start of the next the counter must not fall: the newcomer sees a free place, and so does the one who was called.',
  });
});

check('starts tasks in the order in which they came', async () => {
  const { started } = (await cornersRun()).value;
  hold(started.join() === '0,1,2,3,4,5', {
    happened: `six tasks were started in the order ${started.join(', ')}`,
    expected: 'first come, first served; otherwise the first task can wait for ever',
  });
});

check('takes up the next task as soon as a place is free', async () => {
  meets(await run(), 'makespan', 'A chunk waits for its slowest task while nine places stand empty.');
});

check('counts what runs and what waits', async () => {
  const { counts, aborted } = (await cornersRun()).value;
  // Where nobody was let go, nobody has left; that is another check's.
  const left = aborted.how === 'rejected' && aborted.afterMs < 2 * LEAVES_MS;
  const told = left ? COUNTS : COUNTS.slice(0, 2);
  told.forEach(([when, active, pending], i) => {
    hold(counts[i]?.active === active && counts[i]?.pending === pending, {
      happened: `${when}, active was ${counts[i]?.active} and pending ${counts[i]?.pending}`,
      expected: `active ${active}, pending ${pending}`,
    });
  });
});

check('lets a waiting task be aborted', async () => {
  const { aborted, ranAborted, lastStartedAfterMs } = (await cornersRun()).value;
  isLetGo(aborted, `a task aborted after ${LEAVES_MS} ms of waiting`, LEAVES_MS);
  hold(!ranAborted, { happened: 'the aborted task was started all the same', expected: 'it never to start' });
  hold(Math.abs(lastStartedAfterMs - 1000) <= DISPATCH_MS, {
    happened: `the task behind the aborted one started after ${lastStartedAfterMs} ms`,
    expected: '1000 ms, when the task before it ended: an aborted task takes no place',
  });
  const { abortedLate, gone, ranGone, stayed } = (await handoversRun()).value;
  abortedLate.forEach((seen, i) => {
    hold(seen.how === 'resolved', {
      happened: `a signal aborted when its task already ran; ${['the task before it', 'that task', 'the task behind it'][i]} ${endedInWords(seen)}`,
      expected: 'all three to be done: from its start on, a task sees to its own signal',
      help: '`queue.splice(queue.indexOf(task), 1)` takes out the last of the queue if the task is not in it. Stop listening when the task starts.',
    });
  });
  isLetGo(gone, 'a task whose signal had aborted before it came', 0);
  hold(!ranGone, {
    happened: 'a task whose signal had aborted before it came was started',
    expected: 'it never to start, also when a place is free',
    help: 'A signal that has aborted sends no event any more: look at `signal.aborted` first.',
  });
  leavesNoListener(stayed, 'a task');
});

/** When the tasks were counted, and what was to be counted then. */
const COUNTS = [
  ['a moment after six tasks came to two places', 2, 4],
  ['when all six had ended', 0, 0],
  ['when one place was taken, two waited for it and one of them had left', 1, 1],
] as const;
