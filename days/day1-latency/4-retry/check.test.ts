import * as subject from '#days/day1-latency/4-retry/retry.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { endedInWords } from '#lib/check/cancellation.ts';
import type { Call } from '#lib/provider';
import {
  ATTEMPTS,
  BASE_MS,
  budgets,
  corners,
  DEADLINE_MS,
  DRAWN_ATTEMPTS,
  ERRORS,
  HEADERS,
  herd,
  LASTING,
  MOST,
  operations,
  PASSING,
  PROMPTS,
  RESERVE,
  SHARES,
  SHORT_MS,
  scenario,
  type Told,
} from './scenario/index.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const operationsRun = play(operations, subject);
const budgetsRun = play(budgets, subject);
const herdRun = play(herd, subject);

step(1);

check('tries again what is temporary, and nothing else', async () => {
  const { told } = (await cornersRun()).value;
  Object.keys(PASSING).forEach((trouble, i) => {
    hold(told.passing[i]?.text !== undefined, {
      happened: `${trouble} was over after the first attempt, but the caller was told: ${told.passing[i]?.error ?? 'nothing, as if all were well'}`,
      expected: 'a second attempt, which would have been answered',
      help: 'The SDK throws `APIConnectionError` for a lost connection; other errors carry a `status`.',
    });
  });
  const { ledger } = await cornersRun();
  for (const [trouble, prompt] of Object.entries(LASTING)) {
    const attempts = ledger.callsFor(prompt).length;
    hold(attempts === 1, {
      happened: `${trouble} was tried ${attempts} times`,
      expected: 'one attempt: the same request will fail the same way for ever',
      help: 'Look at `status`, and for a 429 at `code`: without credit it is a 429 too, and no wait helps.',
    });
  }
  const { attempts, lasting, once } = (await operationsRun()).value;
  for (const [trouble, { again }] of Object.entries(ERRORS))
    hold(attempts[trouble] === (again ? 2 : 1), {
      happened: `after ${trouble}, which would not have come a second time, an operation was run ${attempts[trouble]} times in all`,
      expected: again
        ? '2: it is temporary'
        : '1: it is none of what may pass, so the error goes to the caller',
    });
  hold(lasting.numbers.join() === '1,2,3' && once.numbers.join() === '1', {
    happened: `an operation that fails each time was given the attempt numbers ${lasting.numbers.join(', ')} with \`attempts: 3\`, and ${once.numbers.join(', ')} with \`attempts: 1\``,
    expected: '1, 2, 3 and 1',
  });
  hold(lasting.told.endsWith('failure 3'), {
    happened: `three attempts failed with "failure 1", "failure 2" and "failure 3"; the caller was told: ${lasting.told}`,
    expected: 'the last error',
  });
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
  const { ledger } = await cornersRun();
  for (const [prompt, askedMs] of [
    [PROMPTS.waits[0], 2500],
    [PROMPTS.waits[1], 4000],
  ] as const) {
    const calls = ledger.callsFor(prompt);
    calls.slice(1).forEach((call, i) => {
      const said = `a ${calls[i]?.status} said "retry-after-ms: ${askedMs}"`;
      pauseIs(call.startMs - (calls[i]?.endMs ?? 0), askedMs, BASE_MS * 2 ** i, said);
    });
  }
  const { pauses, drawn } = (await operationsRun()).value;
  HEADERS.forEach(({ headers, askedMs }, i) => {
    const said = Object.entries(headers(NINE)).map(([name, value]) => `"${name}: ${value}"`);
    pauseIs(
      pauses[i],
      askedMs,
      BASE_MS,
      `at 09:00:00 a 429 said ${said.slice(0, 2).join(' and ') || 'nothing of a wait'}`,
    );
  });
  for (let i = 0; i < DRAWN_ATTEMPTS - 1; i += 1) {
    const { leastMs = Number.NaN, mostMs = Number.NaN } = drawn[i] ?? {};
    const rangeMs = BASE_MS * 2 ** i;
    hold(mostMs <= rangeMs + ROUNDING_MS && mostMs > rangeMs * 0.8 && leastMs < rangeMs * 0.2, {
      happened: `of 300 pauses before attempt ${i + 2}, with no wait asked for and a baseMs of ${BASE_MS}, the shortest was ${Math.round(leastMs)} ms and the longest ${Math.round(mostMs)} ms`,
      expected: `pauses drawn evenly from 0 to ${rangeMs} ms`,
      help: 'The range doubles with each attempt: once, twice, four, eight times baseMs.',
    });
  }
});

check('starts nothing after the deadline and tells the caller by then', async () => {
  const { ledger, value } = await cornersRun();
  const { late, timersLeft, lasting } = (await operationsRun()).value;
  hold(lasting.firstAfterMs <= ROUNDING_MS, {
    happened: `the first attempt was started ${Math.round(lasting.firstAfterMs)} ms after the call`,
    expected: 'the first attempt at once',
  });
  const last = ledger.callsFor(PROMPTS.never).at(-1)?.startMs ?? 0;
  hold(last <= 3000, {
    happened: `with a deadline of 3 s, an attempt was started after ${seconds(last)}`,
    expected: 'no attempt that nobody waits for',
    help: 'Before a pause, compare its end with the deadline: an attempt after it costs quota and helps nobody.',
  });
  told(value.told.never[0], 3000, 'the provider failed each time');
  told(value.told.tomorrow[0], DEADLINE_MS, 'the provider asked for a wait of a minute');
  told(value.told.silent[0], DEADLINE_MS, 'no answer came');
  const [silent] = ledger.callsFor(PROMPTS.silent);
  hold(late.aborted.join() === 'true' && (silent?.endMs ?? 0) <= DEADLINE_MS + LATE_MS, {
    happened: `an attempt was under way at the deadline, and its \`signal\` ${late.aborted.join() === 'true' ? 'aborted too late' : 'did not abort'}`,
    expected: 'an abort at the deadline: what is still written then is billed and read by nobody',
  });
  for (const [seen, what] of [
    [late.deaf, 'never ends'],
    [late.failing, 'fails half a second after its deadline'],
  ] as const)
    hold(seen.how === 'rejected' && seen.afterMs <= SHORT_MS + LATE_MS, {
      happened: `an operation does not listen to its signal and ${what}; its caller, with a deadline of ${seconds(SHORT_MS)}, ${endedInWords(seen)}`,
      expected: `an error by the deadline`,
      help: 'A signal is a request. Let the operation race with the deadline.',
    });
  hold(late.attempts === 1, {
    happened: `an operation that failed half a second after its deadline was started ${late.attempts} times`,
    expected: 'once',
  });
  hold(timersLeft === 0, {
    happened: `three operations had ended, and ${timersLeft} timers still kept the process alive for their deadline of a minute`,
    expected: 'none',
    help: '`clearTimeout` in `finally`, or `AbortSignal.timeout`, which lets the process end.',
  });
});

step(2);

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
  meets(
    played,
    'answered in time',
    'Temporary errors are worth a second attempt, as long as the budget has one left.',
  );
});

check('pays for each retry from the budget', async () => {
  const { atOnce, saved, operations: needed, inAll, earned, afterOthers } = (await budgetsRun()).value;
  hold(atOnce === RESERVE, {
    happened: `a new budget with a reserve of ${RESERVE} let ${retries(atOnce)} through`,
    expected: `${RESERVE}`,
  });
  hold(saved === RESERVE, {
    happened: `after a thousand operations without trouble, the budget let ${retries(saved)} through at once`,
    expected: `its reserve of ${RESERVE}`,
    help: 'A quiet day must not save up for a storm.',
  });
  SHARES.forEach(([share, expected], i) => {
    hold(needed[i] === expected, {
      happened: `an empty budget with a share of ${share} had its first retry after ${needed[i] === MOST ? 'no number of' : needed[i]} operations`,
      expected: `${expected}`,
      help: 'Ten times 0.1 is 0.9999999999999999 for a computer. Compare with a little room, or count in whole numbers.',
    });
  });
  hold(inAll === MOST / 10, {
    happened: `of a thousand operations of which each asked for a retry, with a share of 0.1, ${inAll} had one`,
    expected: `${MOST / 10}`,
  });
  hold(earned.join(' and ') === '2 and 2', {
    happened: `with a budget of one retry, to which each operation adds one, two operations that always fail were tried ${earned.join(' and ')} times`,
    expected: '2 and 2: the first takes the retry that is there, the second the one that it has brought',
    help: '`withRetry` calls `earn` once for each operation, not for each attempt.',
  });
  hold(afterOthers === 2, {
    happened: `there was one retry for four operations: a 400, a 500 after \`commit()\`, a 500 with \`attempts: 1\`, and a 500; the last one was tried ${afterOthers} times`,
    expected: '2: what must not be retried takes nothing from the budget',
    help: 'Ask the budget last: asking spends.',
  });
});

/** Timers fire on whole milliseconds. */
const ROUNDING_MS = 5;
/** How late a word that is due at the deadline may be. */
const LATE_MS = 50;
/** The moment for which headers with a date are shown. */
const NINE = Date.UTC(2026, 0, 5, 9);

function pauseIs(waitedMs: number | undefined, askedMs: number, spreadMs: number, said: string): void {
  hold(waitedMs !== undefined && waitedMs >= askedMs, {
    happened: `${said}, and the next attempt came ${waitedMs === undefined ? 'never' : `after ${Math.round(waitedMs)} ms`}`,
    expected: `${askedMs} ms or more`,
    help: "The wait is in the error's `headers`. Jitter goes on top of it: what comes earlier is refused again.",
  });
  hold(waitedMs <= askedMs + spreadMs + ROUNDING_MS, {
    happened: `${said}, and the next attempt came after ${Math.round(waitedMs)} ms`,
    expected: `at most ${askedMs + spreadMs} ms: what is asked for, and a random part from 0 to ${spreadMs} ms (baseMs is ${BASE_MS})`,
    help: 'A user waits for the pause as well. It doubles with each attempt, from baseMs on.',
  });
}

function retries(count: number): string {
  return count === MOST ? 'any number of retries' : `${count} retries`;
}

function told(outcome: Told | undefined, deadlineMs: number, when: string): void {
  const atMs = outcome?.atMs ?? Number.POSITIVE_INFINITY;
  hold(outcome?.text === undefined && atMs <= deadlineMs + LATE_MS, {
    happened: `${when}, and the caller was told after ${seconds(atMs)}`,
    expected: `an error by the deadline of ${seconds(deadlineMs)}`,
    help: 'Do not begin a wait that ends after the deadline, and hand each attempt a signal that aborts there.',
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
