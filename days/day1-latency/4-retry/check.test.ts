import * as subject from '#days/day1-latency/4-retry/retry.ts';
import { check, hold, meets, play } from '#lib/check';
import type { Call } from '#lib/provider';
import {
  ATTEMPTS,
  BASE_MS,
  corners,
  DEADLINE_MS,
  herd,
  LASTING,
  PASSING,
  PROMPTS,
  scenario,
  type Told,
} from './scenario/index.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const herdRun = play(herd, subject);

check('tries again what is temporary', async () => {
  const { told } = (await cornersRun()).value;
  Object.keys(PASSING).forEach((trouble, i) => {
    hold(told.passing[i]?.text !== undefined, {
      happened: `${trouble} was over after the first attempt, but the caller was told: ${told.passing[i]?.error ?? 'nothing, as if all were well'}`,
      expected: 'a second attempt, which would have been answered',
      help: 'The SDK throws `APIConnectionError` for a lost connection; other errors carry a `status`.',
    });
  });
});

check('gives up at once what cannot succeed', async () => {
  const { ledger } = await cornersRun();
  for (const [trouble, prompt] of Object.entries(LASTING)) {
    const attempts = ledger.callsFor(prompt).length;
    hold(attempts === 1, {
      happened: `${trouble} was tried ${attempts} times`,
      expected: 'one attempt: the same request will fail the same way for ever',
      help: 'Look at `status`, and for a 429 at `code`: without credit it is a 429 too, and no wait helps.',
    });
  }
});

check('repeats nothing that has had an effect', async () => {
  const { ledger, value } = await cornersRun();
  const [first] = ledger.callsFor(PROMPTS.story) as [Call];
  hold(value.page === first.answer, {
    happened: `the connection broke after ${first.answer.length} characters were shown, and the page went on to show ${value.page.length - first.answer.length} more: the story from its beginning`,
    expected: 'the error to go to the caller once text is on the page',
    help: 'After `commit()` no error may lead to another attempt.',
  });
  hold(value.refunds === 1, {
    happened: `an order was refunded ${value.refunds} times, because the call after the refund met a 500`,
    expected: 'one refund, and the error for the caller to deal with',
    help: 'A 500 tells about the last call only. What was done before it stays done: after `commit()` no error may lead to another attempt.',
  });
});

check('waits as long as the provider asks, and for the jitter on top', async () => {
  const { ledger, value } = await cornersRun();
  for (const [prompt, askedMs] of [
    [PROMPTS.waits[0], 2500],
    [PROMPTS.waits[1], 4000],
  ] as const) {
    const calls = ledger.callsFor(prompt);
    calls.slice(1).forEach((call, i) => {
      const waitedMs = call.startMs - (calls[i]?.endMs ?? 0);
      hold(waitedMs >= askedMs, {
        happened: `a ${calls[i]?.status} said "retry-after-ms: ${askedMs}", and the next attempt came after ${Math.round(waitedMs)} ms`,
        expected: `${askedMs} ms or more`,
        help: "The wait is in the error's `headers`. Jitter goes on top of it: what comes earlier is refused again.",
      });
      const mostMs = askedMs + BASE_MS * 2 ** i;
      hold(waitedMs <= mostMs + ROUNDING_MS, {
        happened: `a ${calls[i]?.status} said "retry-after-ms: ${askedMs}", and attempt ${i + 2} came after ${Math.round(waitedMs)} ms`,
        expected: `at most ${mostMs} ms: what is asked for, and a random part from 0 to ${BASE_MS * 2 ** i} ms (baseMs is ${BASE_MS})`,
        help: 'A user waits for the pause as well. It doubles with each attempt, from baseMs on.',
      });
    });
  }
  const [pauseMs] = value.secondsOnly;
  hold(pauseMs !== undefined && pauseMs >= 3000 && pauseMs <= 3000 + BASE_MS + ROUNDING_MS, {
    happened: `a 429 said "retry-after: 3" and no more, and the next attempt came ${pauseMs === undefined ? 'never' : `after ${Math.round(pauseMs)} ms`}`,
    expected: `3000 ms and up to ${BASE_MS} ms on top: \`retry-after\` is in seconds`,
    help: 'Only OpenAI and Azure send `retry-after-ms` too. Other services, and proxies in between, speak plain HTTP.',
  });
});

check('starts nothing after the deadline and tells the caller by then', async () => {
  const { ledger, value } = await cornersRun();
  const last = ledger.callsFor(PROMPTS.never).at(-1)?.startMs ?? 0;
  hold(last <= 3000, {
    happened: `with a deadline of 3 s, an attempt was started after ${seconds(last)}`,
    expected: 'no attempt that nobody waits for',
    help: 'Before a pause, compare its end with the deadline: an attempt after it costs quota and helps nobody.',
  });
  told(value.told.never[0], 3000, 'the provider failed each time');
  told(value.told.tomorrow[0], DEADLINE_MS, 'the provider asked for a wait of a minute');
  told(value.told.silent[0], DEADLINE_MS, 'no answer came');
});

check('leaves retrying to one layer', async () => {
  const { ledger } = await cornersRun();
  const attempts = ledger.callsFor(PROMPTS.down).length;
  hold(attempts <= ATTEMPTS, {
    happened: `a request that may be tried ${ATTEMPTS} times was sent ${attempts} times`,
    expected: `${ATTEMPTS} attempts in all`,
    help: 'The SDK retries twice by itself, under each of your attempts. `maxRetries: 0` switches that off.',
  });
});

check('comes back spread out, not in step', async () => {
  const played = await herdRun();
  meets(
    played,
    'number of refusals',
    'All clients were refused in the same moment with the same wait. Whoever waits exactly as long meets all the others again.',
  );
  const failed = played.value.filter(({ text }) => text === undefined);
  hold(failed.length === 0, {
    happened: `${failed.length} of ${played.value.length} clients were not answered: ${failed[0]?.error}`,
    expected: 'all of them within a minute; the deployment can serve them in 6 s',
  });
});

check('adds little load to a brown-out', async () => {
  const played = await run();
  meets(
    played,
    'attempts per request',
    'Ask the budget before each retry: when much fails, retries make it worse.',
  );
  const saved = spendable(subject.createBudget(0.1, 10));
  hold(saved <= 10, {
    happened: `after a thousand operations without trouble, the budget let ${saved === MOST ? 'any number of' : saved} retries through at once`,
    expected: 'at most its reserve of 10',
    help: 'A quiet day must not save up for a storm.',
  });
  const { value } = await cornersRun();
  const attempts = value.earned.join(' and ');
  hold(attempts === '2 and 2', {
    happened: `with a budget of one retry, to which each operation adds one, two operations that always fail were tried ${attempts} times`,
    expected: '2 and 2: the first takes the retry that is there, the second the one that it has brought',
    help: '`withRetry` calls `earn` once for each operation, not for each attempt.',
  });
  const earned = earnedBy(subject.createBudget(0.25, 2));
  hold(earned === '0 0 0 1', {
    happened: `an empty budget with a share of 0.25 gave out so many retries after one, two, three and four operations: ${earned}`,
    expected: '0 0 0 1: four operations pay for one retry',
  });
  meets(
    played,
    'answered in time',
    'Temporary errors are worth a second attempt, as long as the budget has one left.',
  );
});

const MOST = 1000;
/** Timers fire on whole milliseconds. */
const ROUNDING_MS = 5;

/** How many retries a budget gives out at once after a long quiet time. */
function spendable(budget: ReturnType<typeof subject.createBudget>): number {
  for (let i = 0; i < 1000; i += 1) budget.earn();
  let retries = 0;
  while (retries < MOST && budget.spend()) retries += 1;
  return retries;
}

/** What an emptied budget gives out after each of four operations. */
function earnedBy(budget: ReturnType<typeof subject.createBudget>): string {
  for (let i = 0; i < MOST && budget.spend(); i += 1);
  return [1, 2, 3, 4]
    .map(() => {
      budget.earn();
      return budget.spend() ? 1 : 0;
    })
    .join(' ');
}

function told(outcome: Told | undefined, deadlineMs: number, when: string): void {
  const atMs = outcome?.atMs ?? Number.POSITIVE_INFINITY;
  hold(outcome?.text === undefined && atMs <= deadlineMs + 50, {
    happened: `${when}, and the caller was told after ${seconds(atMs)}`,
    expected: `an error by the deadline of ${seconds(deadlineMs)}`,
    help: 'Do not begin a wait that ends after the deadline, and hand each attempt a signal that aborts there.',
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
