import * as subject from '#days/day1-latency/3-limiter/limiter.ts';
import { check, hold, meets, play } from '#lib/check';
import { corners, PLACES, scenario } from './scenario.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);

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

check('takes up the next task as soon as a place is free', async () => {
  meets(await run(), 'makespan', 'A chunk waits for its slowest task while nine places stand empty.');
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
});

check('starts tasks in the order in which they came', async () => {
  const { started } = (await cornersRun()).value;
  hold(started.join() === '0,1,2,3,4,5', {
    happened: `six tasks were started in the order ${started.join(', ')}`,
    expected: 'first come, first served; otherwise the first task can wait for ever',
  });
});

check('counts what runs and what waits', async () => {
  const { counts } = (await cornersRun()).value;
  hold(counts.active === 2 && counts.pending === 4, {
    happened: `a moment after six tasks came to two places, active was ${counts.active} and pending ${counts.pending}`,
    expected: 'active 2, pending 4',
  });
});

check('lets a waiting task be aborted', async () => {
  const { aborted, ranAborted, lastStartedAfterMs } = (await cornersRun()).value;
  hold(typeof aborted === 'object' && aborted.afterMs === 200, {
    happened: `a task aborted after 200 ms of waiting was told so ${typeof aborted === 'object' ? `after ${aborted.afterMs} ms` : `never: ${aborted}`}`,
    expected: 'a rejection at once, with the reason of the signal',
    help: 'Listen to the signal while the task waits; nobody should queue for a page that is closed.',
  });
  hold(!ranAborted && String(aborted.reason) === 'Error: the user left', {
    happened: ranAborted
      ? 'the aborted task was started all the same'
      : `it was rejected with ${aborted.reason}`,
    expected: 'the task never to start, and `signal.reason` as the reason',
  });
  hold(lastStartedAfterMs === 1000, {
    happened: `the task behind the aborted one started after ${lastStartedAfterMs} ms`,
    expected: '1000 ms, when the task before it ended: an aborted task takes no place',
  });
});
