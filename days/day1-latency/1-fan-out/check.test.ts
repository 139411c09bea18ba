import * as subject from '#days/day1-latency/1-fan-out/fan-out.ts';
import { check, hold, meets, play } from '#lib/check';
import { scenario } from './scenario.ts';

const run = play(scenario, subject);

check('one failed call does not throw the other answers away', async () => {
  const { outcome } = await run();
  hold(outcome.ok, {
    happened: `fanOut itself failed: ${outcome.ok || outcome.error}`,
    expected: 'a list in which the one refused prompt is `rejected` and the others are `fulfilled`',
    help: 'Promise.all rejects at the first rejection, while the other calls run on and are billed.',
  });
});

check('sends each prompt to the provider exactly once', async () => {
  const { traffic, ledger } = await run();
  for (const prompt of traffic) {
    const calls = ledger.callsFor(prompt).length;
    hold(calls === 1, {
      happened: `the provider was asked ${calls} times for "${prompt.slice(-40)}"`,
      expected: 'one call for each prompt; every further one is billed again',
    });
  }
});

check('waits until every prompt has its result', async () => {
  const { value, traffic, ledger, settledMs } = await run();
  const unfinished = ledger.calls.filter(
    (call) => (call.endMs ?? Number.POSITIVE_INFINITY) > settledMs,
  ).length;
  hold(value.length === traffic.length && unfinished === 0, {
    happened: `fanOut returned ${value.length} results while ${unfinished} calls were still under way`,
    expected: `${traffic.length} results, after the last call has ended`,
    help: 'An async callback gives its promise to whoever calls it; forEach drops it, map collects it.',
  });
});

check('puts each result in the place of its prompt', async () => {
  const { value, traffic, ledger } = await run();
  traffic.forEach((prompt, index) => {
    const result = value[index];
    const answers = ledger
      .callsFor(prompt)
      .map((call) => (call.outcome === 'answered' ? call.answer : undefined));
    const got = result?.status === 'fulfilled' ? result.value : undefined;
    hold(answers.includes(got), {
      happened: `place ${index} holds ${got === undefined ? `a ${result?.status} result` : `"${got.slice(0, 40)}…"`}`,
      expected: `what the provider answered to prompt ${index}: ${answers[0] ? `"${answers[0].slice(0, 40)}…"` : 'a rejection'}`,
      help: 'Results that are pushed as they arrive stand in the order of arrival, not of the prompts.',
    });
  });
});

check('leaves no rejection unhandled', async () => {
  const { unhandled } = await run();
  hold(unhandled.length === 0, () => ({
    happened: `a promise was rejected while nothing was waiting for it: ${unhandled[0]}`,
    expected: 'a handler on every promise from the moment it is made; without one Node ends the process',
    help: 'A promise that is started now and awaited later has no handler in between.',
  }));
});

check('takes no longer than the slowest call', async () => {
  meets(await run(), 'makespan', 'Calls that do not need each other should not wait for each other.');
});
