import * as subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { endedInWords, isLetGo, leavesNoListener } from '#lib/check/cancellation.ts';
import {
  CRITICAL,
  corners,
  foresee,
  LEAVES_MS,
  LETTER,
  PLAN_LEAVES_MS,
  plans,
  type Seen,
  scenario,
} from './scenario/index.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const plansRun = play(plans, subject);

step(1);

const given = check('hands each step the results that it needs', async () => {
  const played = await run();
  for (const { page, inputs } of played.value) {
    const parts = foresee(page, played);
    for (const [name, needs] of Object.entries(NEEDS)) {
      const missing = inputs[name] && needs.find((need) => inputs[name]?.[need] !== parts[need]?.value);
      hold(missing === undefined, () => ({
        happened: `"${name}" was started while its input "${missing}" was ${inputs[name]?.[missing ?? '']}`,
        expected: `the result of "${missing}", which has to be awaited first`,
        help: 'A step can start when the steps it names have ended, and not before.',
      }));
    }
  }
});

const survives = check('keeps the page when a part that is not critical fails', async () => {
  const { value } = await run();
  const lost = value.filter(({ error }) => error !== undefined);
  hold(lost.length === 0, () => ({
    happened: `${lost.length} of ${value.length} pages failed as a whole; the first of them with ${lost[0]?.error}`,
    expected: 'a page without the suggestions that the provider refused: they are not critical',
    help: 'Promise.all fails with the first failure. Only the critical parts deserve that.',
  }));
});

const whole = check('returns every part that is wanted', { needs: [survives] }, async () => {
  const played = await run();
  for (const { page, result } of played.value) {
    const parts = foresee(page, played);
    const lost = Object.keys(parts).filter((name) => result?.[name] !== parts[name]?.value);
    hold(lost.length === 0, {
      happened: `the result of a page was returned without ${lost.join(', ')}`,
      expected: `its ${Object.keys(parts).length} parts: what is not critical comes later, but it comes`,
      help: 'Work that nobody awaits is lost when the request ends.',
    });
    const extra = Object.keys(result ?? {}).find((name) => !(name in parts));
    hold(extra === undefined, {
      happened: `the result of a page has a part "${extra}" (${String(result?.[extra ?? '']).slice(0, 30)})`,
      expected: 'no part that failed or is not wanted',
    });
  }
  const { unwanted, unwantedEarly, undecided, lost: failed } = (await plansRun()).value;
  for (const [{ ended }, what, expected] of [
    [unwanted, 'a part that is not wanted is needed by another, and that one by a third', 'decision, page'],
    [
      unwantedEarly,
      'a part that another one needs is not wanted, as turns out while it is being made',
      'decision, page',
    ],
    [undecided, 'the step that decides about a part failed', 'page'],
    [failed, 'a part failed that is needed by another, and that one by a third', 'page'],
  ] as const)
    hold(ended.how === 'resolved' && ended.value?.join(', ') === expected, {
      happened: `${what}; runPlan ${ended.how === 'resolved' ? `returned the parts ${ended.value?.join(', ')}` : endedInWords(ended)}`,
      expected: `the parts ${expected}: what is not there, or not wanted, takes along all that needs it`,
      help: 'A step must hear of each of its needs how it ended, also that it will never come.',
    });
});

check('shows the critical parts as soon as they are there', { needs: [given] }, async () => {
  meets(
    await run(),
    'p95 critical content',
    'Start each step when its own needs are there. Whoever waits for a whole round of steps waits for its slowest.',
  );
});

check('adds each later part to the page when it comes', { needs: [whole] }, async () => {
  const played = await run();
  for (const { page, shown } of played.value) {
    const late = Object.keys(foresee(page, played)).find((name) => !shown.some(({ parts }) => name in parts));
    hold(late === undefined, {
      happened: `the page never showed "${late}", though it was there in the end`,
      expected: '`onPartial` to be called again with each part that comes after the critical ones',
    });
    const early = shown.find(({ parts }) => CRITICAL.some((name) => parts[name] === undefined));
    hold(early === undefined, {
      happened: `\`onPartial\` was called with no more than ${Object.keys(early?.parts ?? {}).join(', ')}`,
      expected: `all the parts there are, each time, and no call before ${CRITICAL.join(' and ')} are among them`,
    });
  }
  const { refund, none } = (await cornersRun()).value;
  for (const { shown } of [refund, none]) {
    const guessed = shown.find(({ parts }) => LETTER in parts && !('intent' in parts));
    hold(guessed === undefined, {
      happened: `the page showed "${LETTER}" before "intent" had decided whether it is wanted`,
      expected: 'a part that is written early to be held back until the decision is there',
      help: 'The work may end before the decision, if that is slow. Await the decision before you show the part.',
    });
  }
  hold(refund.result?.[LETTER] !== undefined && none.result?.[LETTER] === undefined, {
    happened: `the decision came after "${LETTER}" was written; the page that wants it ${has(refund)}, the page that does not ${has(none)}`,
    expected: 'the part on the page that wants it, and not on the other',
  });
});

step(2);

check('takes no longer than its longest chain of steps', { needs: [given, whole] }, async () => {
  const { value, ledger } = await cornersRun();
  const [thread, letter] = ['Thread of', 'Refund letter to'].map((about) =>
    ledger.calls.find(({ prompt }) => prompt.startsWith(`${about} customer ${value.refund.page.customer}`)),
  );
  const [decidedMs, begunMs] = [thread?.endMs ?? Number.NaN, letter?.startMs ?? Number.NaN];
  hold(begunMs < decidedMs, {
    happened: `"${LETTER}" was begun ${Math.round(begunMs - decidedMs)} ms after the decision`,
    expected: 'a step with `onlyIf` to begin as soon as its needs have ended, whatever the decision does',
  });
  meets(
    await run(),
    'p95 whole page',
    `Nothing has to wait for the critical parts to be shown. And "${LETTER}" can be begun before it is known to be wanted.`,
  );
});

check('stops the work for a part that is not wanted', { needs: [given] }, async () => {
  meets(
    await run(),
    'tokens for nothing',
    'Give the step a signal of its own and abort it when the decision says no: every token written after that is billed.',
  );
});

check('stops all work when the user leaves or the page cannot be', async () => {
  const { value, ledger } = await cornersRun();
  for (const [seen, why, stopMs] of [
    [value.left, 'after the user had left', LEAVES_MS],
    [value.broken, 'after a critical step had failed', value.broken.brokeMs],
  ] as const) {
    hold(stopMs !== undefined, {
      happened: 'the step that was to fail was never started',
      expected: 'every step whose needs are there to be started',
    });
    const calls = ledger.calls.filter(({ prompt }) => prompt.includes(`customer ${seen.page.customer}`));
    const late = calls.filter(({ endMs }) => (endMs ?? Number.POSITIVE_INFINITY) > stopMs);
    hold(late.length === 0, {
      happened: `the provider went on working ${why}: on ${late.map(({ prompt }) => `"${prompt.slice(0, 20)}…"`).join(', ')}`,
      expected: 'all calls to be aborted at that moment, and no new one to be made',
      help: 'Hand each step a signal that aborts for both reasons.',
    });
    hold(seen.error !== undefined && seen.endMs === stopMs, {
      happened: `${why}, runPlan ${ending(seen, stopMs)}`,
      expected: 'a rejection at that moment',
    });
  }
  hold(String(value.broken.error) === 'Error: the order system is down', {
    happened: `runPlan rejected with ${value.broken.error}`,
    expected: 'the error of the critical step that failed',
  });
  const { needed, before, during, stays } = (await plansRun()).value;
  hold(needed.ended.error === 'Error: prices failed' && needed.ended.afterMs === 100, {
    happened: `a critical part needs a step that failed after 100 ms; runPlan ${endedInWords(needed.ended)}`,
    expected: 'a rejection at that moment, with the error "prices failed"',
  });
  isLetGo(before.ended, 'a user who had left before runPlan was called', 0);
  hold(before.begun.length === 0, {
    happened: `for a user who had left before, it began ${before.begun.join(', ')}`,
    expected: 'nothing',
  });
  isLetGo(during.ended, `a user who left after ${PLAN_LEAVES_MS} ms`, PLAN_LEAVES_MS);
  const { aborted, begun, shown } = during;
  hold(begun.join() === 'first,second' && aborted.join() === 'second' && shown.length === 1, {
    happened: `a user left while the second of three steps was under way; it began ${begun.join(', ')}, aborted ${aborted.join(', ') || 'none'} and showed ${shown.length} times`,
    expected: 'first and second to be begun, second to be aborted, and only first to be shown',
  });
  leavesNoListener(during.ended, 'a plan whose user left');
  leavesNoListener(stays.ended, 'a plan');
});

function has({ result }: Seen): string {
  return result?.[LETTER] === undefined ? 'had none' : 'had one';
}

function ending({ error, endMs }: Seen, stopMs: number): string {
  return `${error === undefined ? 'returned' : 'rejected'} ${endMs - stopMs} ms later`;
}

const NEEDS: Record<string, string[]> = {
  orders: ['account'],
  reply: ['orders', 'policy'],
  related: ['account'],
  letter: ['orders'],
  title: ['reply'],
};
