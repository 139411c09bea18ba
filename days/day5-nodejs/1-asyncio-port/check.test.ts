import * as subject from '#days/day5-nodejs/1-asyncio-port/port.ts';
import { check, hold, meets, play } from '#lib/check';
import { recordedTraces, tokensOf } from '../reference.ts';
import { pythonReference } from '../run-python.ts';
import { corners, ENDLESS, LIMIT, scenario } from './scenario/index.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const python = recordedTraces();

check(`has at most ${LIMIT} tasks under way`, async () => {
  const { ledger, value } = await run();
  void value;
  const peak = ledger.peakInFlight();
  hold(peak <= LIMIT, {
    happened: `${peak} calls were under way at once`,
    expected: `${LIMIT}, the limit that was asked for`,
    help: 'A promise runs from the moment it is made; a coroutine waits to be awaited. Call a task when it has its place, and await it there.',
  });
});

check('stops the other tasks when one fails, as a TaskGroup does', async () => {
  const { value, unhandled } = await cornersRun();
  const { raised, began, cancelled, stillRunning, whenRaised } = value.taskGroup;
  hold(value.deaf.length <= 2, {
    happened: `of four tasks, two at a time, which do not listen to their signal, b failed, and ${list(value.deaf.slice(2))} began after it`,
    expected: 'nothing new after a failure',
    help: 'A task that goes on to its end gives its place back. Look for a failure before you take the next.',
  });
  hold(raised === python.taskGroup.raised, {
    happened: `task b failed and gatherWithLimit ended with: ${raised}`,
    expected: `the error of b: "${python.taskGroup.raised}"`,
    help: 'Aborting makes the others fail too. Keep the first failure.',
  });
  hold(whenRaised.length > 1 && cancelled.join() === python.taskGroup.cancelled.join(), {
    happened: `b failed while a and c were under way, and ${cancelled.length === 0 ? 'nobody was told to stop' : `only ${list(cancelled)} stopped`}`,
    expected: `${list(python.taskGroup.cancelled)} to be told by their signal`,
    help: 'Promise.all rejects at once and stops nothing: the others run on and are billed. An AbortController stops them.',
  });
  hold(began.length <= python.taskGroup.began.length, {
    happened: `of six tasks, three at a time, ${list(began)} began although b had failed`,
    expected: `${list(python.taskGroup.began)}, as in the Python reference`,
    help: 'After a failure nothing new may begin: look before each task.',
  });
  hold(stillRunning.length === 0, {
    happened: `it threw while ${list(stillRunning)} still had things to put in order`,
    expected: 'the failure to be thrown when all tasks have ended',
    help: 'Promise.allSettled waits for all of them.',
  });
  hold(unhandled.length === 0, {
    happened: `a rejection was handled by nobody: ${unhandled[0]}`,
    expected: 'a handler on every promise; without one Node ends the process',
  });
});

check('asks once for a key, also when three ask at the same time', async () => {
  const played = await run();
  const { together } = (await cornersRun()).value.cache;
  hold(together.length === 1, {
    happened: `three callers wanted D at the same time and ${together.length} calls were made`,
    expected: 'one call that all three wait for',
    help: 'Keep the promise, not the value: it is there as soon as the call is made.',
  });
  meets(played, 'calls for 24 chunks', 'Equal chunks share one call.');
});

check('forgets the key that was not used for longest, and every failure', async () => {
  const { row, failing, late } = (await cornersRun()).value.cache;
  hold(row.join() === python.cache.row.join(), {
    happened: `with two places, asking for A B A C A B loaded ${row.join(' ')}`,
    expected: `${python.cache.row.join(' ')}, as in the Python reference`,
    help:
      row.length < python.cache.row.length
        ? 'A cache without a bound is a leak: it must let go of something.'
        : 'Least recently used: a hit makes a key young again. A Map keeps the order of insertion.',
  });
  hold(failing.join() === python.cache.failing.join(), {
    happened: `E failed, was asked for again, and was loaded ${failing.length === 1 ? 'once: the failure had been kept' : `${failing.length} times`}`,
    expected: 'a second try, as in the Python reference',
    help: 'A rejected promise in the cache fails for every caller to come. Take it out when it rejects.',
  });
  hold(late.join() === 'A,B,A', {
    happened: `A was put out of the cache while its call was under way, loaded again, and then the old call failed; loaded were ${late.join(' ')}`,
    expected: 'A B A: the failure of an old call says nothing of the new one',
    help: 'Before you take a failure out, see whether what stands there is still the promise that failed.',
  });
});

check('ends work that is over its deadline, and no other', async () => {
  const { ledger, value } = await run();
  const { slow, quick, broken, sdk, deaf, events } = (await cornersRun()).value.deadline;
  hold(slow.ended === 'TimeoutError' && slow.afterMs === 200, {
    happened: `work of 500 ms under a deadline of 200 ms ended with "${slow.ended}" after ${slow.afterMs} ms`,
    expected: 'a TimeoutError after 200 ms',
    help: '`return work(…)` inside `try … finally` runs the `finally` at once, and with it clearTimeout. Await first.',
  });
  const [call] = ledger.callsFor(ENDLESS);
  hold(call?.outcome === 'aborted' && events.includes('slow cancelled') && !events.includes('slow ended'), {
    happened: `the deadline passed and the call ran on: the provider wrote and billed ${call?.tokens.output} tokens that nobody read`,
    expected: 'the call to end at its deadline',
    help: 'Promise.race picks a winner and leaves the loser running. Abort its signal.',
  });
  hold(deaf.ended === 'TimeoutError' && deaf.afterMs === 200, {
    happened: `work that does not listen to its signal, under a deadline of 200 ms, ended with "${deaf.ended}" after ${deaf.afterMs} ms`,
    expected: 'a TimeoutError after 200 ms',
    help: 'A signal is a request. Abort it, and let the work race with the deadline as well.',
  });
  hold(quick.ended === 'quick' && broken.ended === 'broken failed', {
    happened: `quick work ended with "${quick.ended}", work that fails with "${broken.ended}"`,
    expected: '"quick" and "broken failed": both were in time',
  });
  hold(sdk.ended === 'TimeoutError' && value.late === 'TimeoutError', {
    happened: `a client that answers an abort with an error of its own ended with "${sdk.ended === 'TimeoutError' ? value.late : sdk.ended}"`,
    expected: 'a TimeoutError: the caller must be able to tell its deadline from other failures',
    help: 'The OpenAI SDK throws APIUserAbortError. When your signal has aborted, throw its reason.',
  });
});

check('leaves no timer behind', async () => {
  const { timersLeft } = (await cornersRun()).value.deadline;
  hold(timersLeft === 0, {
    happened: `three calls were done after 100 ms, and ${timersLeft} timers were still set for their deadline of a minute`,
    expected: 'none: each keeps the process alive, and its closure in memory, until it is due',
    help: 'clearTimeout in `finally`, or AbortSignal.timeout.',
  });
});

check('gives each request its own context, however they take turns', async () => {
  const { seen } = (await run()).value;
  const { lines, outside } = (await cornersRun()).value.context;
  hold(lines.join() === python.context.lines.join() && outside === python.context.outside, {
    happened: `three requests that took turns saw themselves as ${lines.map((line) => `"${line}"`).join(', ')}${outside === '-' ? '' : `, and "${outside}" was left when all had ended`}`,
    expected: '"r1 r1 r1", "r2 r2 r2", "r3 r3 r3" and nothing afterwards',
    help: 'Every await lets another request in, and it overwrites a module variable. AsyncLocalStorage follows the calls.',
  });
  const strange = seen.find((line) => line.split(' ')[0] !== line.split(' ')[1]);
  hold(strange === undefined, {
    happened: `in the night report a request saw another one's id: ${strange}`,
    expected: 'each its own',
  });
});

check('gives what the Python reference gives, as fast as four places allow', async () => {
  const played = await run();
  const { value, ledger } = played;
  const reference = await pythonReference();
  const by = `${reference.source === 'measured' ? 'Python' : 'recorded with Python'} ${reference.python}`;
  const different = reference.answers.findIndex((answer, i) => value.answers[i] !== answer);
  hold(different < 0 && value.answers.length === reference.answers.length, {
    happened: `answer ${different} was "${String(value.answers[different]).slice(0, 50)}"`,
    expected: `"${String(reference.answers[different]).slice(0, 50)}" (${by})`,
  });
  const calls = ledger.calls.filter((call) => call.prompt !== ENDLESS);
  const tokens = tokensOf(calls);
  const { input, output } = reference.tokens;
  hold(calls.length === reference.calls && tokens.input === input && tokens.output === output, {
    happened: `the port made ${calls.length} calls of ${tokens.input} and ${tokens.output} tokens`,
    expected: `${reference.calls} calls of ${input} tokens sent and ${output} written (${by})`,
  });
  meets(played, 'makespan', 'The next task may begin as soon as a place is free.');
});

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
