import OpenAI from 'openai';
import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/retry.ts';
import { BASE_MS } from './policy.ts';

/** Errors of the first attempt, by what a learner would call them, and whether a second one may follow. */
export const ERRORS: Record<string, { again: boolean; error(): unknown }> = {
  ...Object.fromEntries([408, 409, 429, 500, 502, 503, 504, 520, 529, 599].map((it) => withStatus(it, true))),
  ...Object.fromEntries([400, 401, 403, 404, 413, 422, 451, 499].map((it) => withStatus(it, false))),
  'a lost connection': { again: true, error: () => new OpenAI.APIConnectionError({ message: 'Reset.' }) },
  'a connection that timed out': { again: true, error: () => new OpenAI.APIConnectionTimeoutError() },
  'a 429 with the code insufficient_quota': {
    again: false,
    error: () => OpenAI.APIError.generate(429, { error: { code: 'insufficient_quota' } }, '', new Headers()),
  },
  'a request that the code itself aborted': { again: false, error: () => new OpenAI.APIUserAbortError() },
  'a TypeError in the operation': { again: false, error: () => new TypeError('price is not a function') },
  'an error that is no Error': { again: false, error: () => 'out of paper' },
};

/** What a 429 may say of the wait, and how long that is. */
export const HEADERS: { headers(nowMs: number): Record<string, string>; askedMs: number }[] = [
  { headers: () => ({ 'retry-after-ms': '1500' }), askedMs: 1500 },
  { headers: () => ({ 'retry-after': '3' }), askedMs: 3000 },
  { headers: () => ({ 'retry-after-ms': '700', 'retry-after': '1' }), askedMs: 700 },
  { headers: (nowMs) => ({ 'retry-after': new Date(nowMs + 4000).toUTCString() }), askedMs: 4000 },
  { headers: (nowMs) => ({ 'retry-after': new Date(nowMs - 60_000).toUTCString() }), askedMs: 0 },
  { headers: () => ({ 'retry-after-ms': '0', 'retry-after': '1' }), askedMs: 0 },
  { headers: () => ({ 'retry-after-ms': 'soon', 'retry-after': '2' }), askedMs: 2000 },
  { headers: () => ({ 'retry-after': 'soon' }), askedMs: 0 },
  { headers: () => ({}), askedMs: 0 },
];

/** How many pauses show from where to where they are drawn: of evenly drawn ones, hardly ever none is near an end. */
const DRAWN = 300;
export const DRAWN_ATTEMPTS = 5;
/** The deadline of operations that overstep it. */
export const SHORT_MS = 2000;
const LONG_MS = 60_000;

/** Operations that make no call and fail as they are told, so that every corner of the contract is there on each seed. */
export const operations = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const { withRetry, createBudget } = subject;
    const policy: Contract.RetryPolicy = {
      attempts: 3,
      deadlineMs: LONG_MS,
      baseMs: BASE_MS,
      budget: createBudget(1, 10_000),
    };
    const seen = (fails: Fails, changes: Partial<Contract.RetryPolicy> = {}) =>
      watch(clock, (operation) => withRetry(operation, { ...policy, ...changes }), fails);
    const pauses = await Promise.all(
      HEADERS.map(({ headers }) =>
        seen((number) => number === 1 && refusal(429, headers(Date.now()))).then(
          ({ pausesMs }) => pausesMs[0],
        ),
      ),
    );
    const drawn = await Promise.all(
      Array.from({ length: DRAWN }, () => seen(() => refusal(500), { attempts: DRAWN_ATTEMPTS })),
    );
    const passing = Object.entries(ERRORS).map(async ([name, { error }]) => {
      const { numbers } = await seen((number) => number === 1 && error());
      return [name, numbers.length] as const;
    });
    return {
      attempts: Object.fromEntries(await Promise.all(passing)),
      lasting: await seen((number) => refusal(500, {}, `failure ${number}`)),
      once: await seen(() => refusal(500), { attempts: 1 }),
      pauses,
      drawn: Array.from({ length: DRAWN_ATTEMPTS - 1 }, (_, i) => {
        const all = drawn.map(({ pausesMs }) => pausesMs[i] ?? Number.NaN);
        return { leastMs: Math.min(...all), mostMs: Math.max(...all) };
      }),
      late: await lateness(subject, clock, { ...policy, deadlineMs: SHORT_MS }),
      timersLeft: await timersLeftBy(clock, async () => {
        await seen(() => false);
        await seen((number) => number < 3 && refusal(500));
        await seen(() => refusal(400));
      }),
    };
  },
});

/** What an attempt fails with; false if it goes well. */
type Fails = (number: number, commit: () => void) => unknown;

/** Runs an operation and notes its attempts, and what came of it. */
export async function watch(
  clock: Clock,
  run: (operation: (attempt: Contract.Attempt) => Promise<string>) => Promise<string>,
  fails: Fails,
) {
  const startMs = clock.now();
  const atMs: number[] = [];
  const numbers: number[] = [];
  const told = await run(async ({ number, commit }) => {
    atMs.push(clock.now());
    numbers.push(number);
    const failure = fails(atMs.length, commit);
    if (failure !== false) throw failure;
    return 'well';
  }).catch(String);
  return {
    numbers,
    told,
    firstAfterMs: (atMs[0] ?? Number.NaN) - startMs,
    pausesMs: atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? 0)),
  };
}

/** Operations that do not listen to their signal: one never ends, one fails when the deadline is over. */
async function lateness({ withRetry }: typeof Subject, clock: Clock, policy: Contract.RetryPolicy) {
  let attempts = 0;
  const aborted: boolean[] = [];
  const deaf = await callAndLeave(clock, 'never', () =>
    withRetry(({ signal }) => {
      setTimeout(() => aborted.push(signal.aborted), SHORT_MS + 10);
      return new Promise(() => {});
    }, policy),
  );
  const failing = await callAndLeave(clock, 'never', () =>
    withRetry(async () => {
      attempts += 1;
      await clock.sleep(SHORT_MS + 500);
      throw refusal(500);
    }, policy),
  );
  await clock.sleep(LONG_MS);
  return { deaf, aborted, failing, attempts };
}

/** The error as the SDK throws it. */
export function refusal(
  status: number,
  headers?: Record<string, string>,
  message = 'Try again later.',
): Error {
  return OpenAI.APIError.generate(status, undefined, message, new Headers(headers));
}

function withStatus(status: number, again: boolean): [string, (typeof ERRORS)[string]] {
  return [`a ${status}`, { again, error: () => refusal(status) }];
}
