import * as subject from '#days/day1-latency/1-fan-out/fan-out.ts';
import { check, hold, meets, play } from '#lib/check';
import { sum } from '#lib/provider';
import { corners, scenario } from './scenario.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);

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
  const twins = (await cornersRun()).ledger.calls.length;
  hold(twins === 2, {
    happened: `a ticket that was in the list twice, and an empty list, made ${twins} calls in all`,
    expected: '2: each prompt is a call of its own',
  });
  const cut = ledger.calls.find(({ finish }) => finish === 'length');
  hold(cut === undefined, {
    happened: `an answer was cut short after ${cut?.tokens.output} tokens: "…${cut?.answer.slice(-30)}"`,
    expected: 'whole answers: a summary that ends in the middle is none',
    help: 'A cap on the output tokens cuts answers off. It does not make the model brief.',
  });
});

const complete = check('waits until every prompt has its result', async () => {
  const { value, traffic, ledger, settledMs } = await run();
  hold(Array.isArray(value), () => ({
    happened: `fanOut returned ${value === null ? 'null' : typeof value}`,
    expected: `a list of ${traffic.length} results`,
  }));
  const unfinished = ledger.calls.filter(
    (call) => (call.endMs ?? Number.POSITIVE_INFINITY) > settledMs,
  ).length;
  hold(value.length === traffic.length && unfinished === 0, {
    happened: `fanOut returned ${value.length} results while ${unfinished} calls were still under way`,
    expected: `${traffic.length} results, after the last call has ended`,
    help: 'An async callback gives its promise to whoever calls it; forEach drops it, map collects it.',
  });
  const { none } = (await cornersRun()).value;
  hold(Array.isArray(none) && none.length === 0, () => ({
    happened: `for an empty list fanOut returned ${JSON.stringify(none)}`,
    expected: 'an empty list',
  }));
});

check('puts each result in the place of its prompt', { needs: [complete] }, async () => {
  const { value, traffic, ledger } = await run();
  const answers = new Set<unknown>(ledger.calls.map((call) => call.answer).filter(Boolean));
  traffic.forEach((prompt, index) => {
    const [call] = ledger.callsFor(prompt);
    const answer = call?.outcome === 'answered' ? call.answer : undefined;
    const result: Partial<PromiseSettledResult<unknown>> = value[index] ?? {};
    const right =
      result.status === 'fulfilled' ? answer !== undefined && result.value === answer : answer === undefined;
    hold(right && (result.status === 'fulfilled' || result.status === 'rejected'), () => ({
      happened: `place ${index} holds ${inWords(value[index])}`,
      expected: `what came of prompt ${index}: ${answer === undefined ? "{ status: 'rejected', reason: (the error) }" : inWords({ status: 'fulfilled', value: answer })}`,
      ...(answers.has(result.status === 'fulfilled' ? result.value : undefined) && ORDER),
    }));
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
  const played = await run();
  const thought = sum(played.ledger.calls.map(({ tokens }) => tokens.reasoning ?? 0));
  const help =
    thought > 0
      ? `The calls thought ${thought.toLocaleString('en')} hidden tokens before they answered: \`reasoning_effort\` says how long they may.`
      : 'Calls that do not need each other should not wait for each other.';
  meets(played, 'makespan', help);
});

const ORDER = {
  help: 'Results that are pushed as they arrive stand in the order of arrival, not of the prompts.',
};

/** A result as its reader would write it down, shortened. */
function inWords(result: unknown): string {
  const { status, value, reason } = (result ?? {}) as Record<string, unknown>;
  if (status === 'fulfilled') return `{ status: 'fulfilled', value: ${shortened(value)} }`;
  if (status === 'rejected') return `{ status: 'rejected', reason: ${shortened(reason)} }`;
  return `${shortened(result)}, which is no PromiseSettledResult`;
}

function shortened(value: unknown): string {
  const text = value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 50 ? `${text.slice(0, 46)}…` : text;
}
