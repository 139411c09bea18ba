import type * as Subject from '#days/day1-latency/5-quota/quota.ts';
import { defineScenario, type Random, type Reading, type Run, sum } from '#lib/provider';
import { provider } from '../provider.ts';

const MODEL = 'gpt-4o';
/** The limits of the account, as its deployment has them. */
export const LIMITS = { rpm: 30, tpm: 6000 };
const MINUTE_MS = 60_000;

/** When the parts begin. Ten seconds after the late tickets have come, a minute of the clock is over. */
const START_MS = { tickets: 0, early: 180_000, late: 230_000, reports: 360_000 };
export type Phase = keyof typeof START_MS;

interface Job {
  phase: Phase;
  atMs: number;
  prompt: string;
  /** Output cap. The provider counts it on arrival as if it were used. */
  max_tokens: number;
}

/**
 * A morning with one account: tickets to sort, many and short; one early ticket at 3:00 and 45 late ones at 3:50;
 * reports to write, fewer and long, with an output cap of about three times their length.
 */
export const scenario = defineScenario({
  provider,
  answer: ({ prompt, random, sentences }) =>
    prompt.startsWith('Report') ? sentences(200 + random.int(60)) : 'billing',
  traffic: jobs,
  async play({ createQuota }: typeof Subject, { openai, clock, traffic }) {
    const quota = createQuota(LIMITS);
    const client = openai.withOptions({ maxRetries: 0 });
    await Promise.all(
      traffic.map(async ({ atMs, prompt, max_tokens }) => {
        await clock.sleep(atMs);
        const lease = await quota.acquire(estimate(prompt, max_tokens));
        const messages = [{ role: 'user' as const, content: prompt }];
        const answer = await client.chat.completions
          .create({ model: MODEL, messages, max_tokens })
          .catch(() => undefined);
        lease.settle(answer?.usage?.total_tokens ?? 0);
      }),
    );
  },
  readings(run) {
    const tickets = partOf('tickets', run);
    // A minute's worth is there at the start, and the rest comes in at the rate of the quota. The last call then runs.
    const ticketsMs = timeFor(tickets.needs.length, LIMITS.rpm) + tickets.shortestMs;

    const reports = partOf('reports', run);
    const used = sum(reports.needs.map((it) => it.used));
    // Nobody can do with less than what is used, except that the last call needs room for its whole estimate.
    const spare = Math.min(...reports.needs.map((it) => it.estimated - it.used));
    const reportsMs = timeFor(used + spare, LIMITS.tpm) + reports.shortestMs;

    const answeredTokens = sum(reports.answered.map(({ tokens }) => tokens.input + tokens.output));
    return {
      refusals: {
        unit: 'count',
        better: 'lower',
        value: run.ledger.totals().refused,
        target: 0,
        limit: 0,
      },
      'quota used, requests': share(
        { done: tickets.answered.length, tookMs: tickets.tookMs },
        { done: tickets.needs.length, tookMs: ticketsMs },
        LIMITS.rpm,
      ),
      'quota used, tokens': share(
        { done: answeredTokens, tookMs: reports.tookMs },
        { done: used, tookMs: reportsMs },
        LIMITS.tpm,
      ),
    };
  },
});

/** What one part of the morning needs, and what came of it. */
function partOf(
  phase: Phase,
  { traffic, ledger, quote }: Pick<Run<Job[], void>, 'traffic' | 'ledger' | 'quote'>,
) {
  const part = traffic.filter((job) => job.phase === phase);
  const needs = part.map(({ prompt, max_tokens }) => {
    const messages = [{ role: 'user' as const, content: prompt }];
    const { totalMs, inputTokens, outputTokens } = quote('openai', { model: MODEL, messages, max_tokens });
    return { totalMs, used: inputTokens + outputTokens, estimated: estimate(prompt, max_tokens) };
  });
  const answered = part
    .flatMap(({ prompt }) => ledger.callsFor(prompt))
    .filter((call) => call.outcome === 'answered');
  return {
    needs,
    answered,
    tookMs: Math.max(0, ...answered.map((call) => call.endMs ?? 0)) - START_MS[phase],
    shortestMs: Math.min(...needs.map((it) => it.totalMs)),
  };
}

/** How long it takes a bucket, full at the start, to let so much through. A millisecond's worth is not missed. */
function timeFor(amount: number, perMinute: number): number {
  return Math.max(0, ((amount - perMinute) / perMinute) * MINUTE_MS - 1);
}

interface Throughput {
  done: number;
  tookMs: number;
}

/** What got through, as a share of the quota of the time that it took; nothing counts as faster than possible. */
function share(real: Throughput, best: Throughput, perMinute: number): Reading {
  const part = ({ done, tookMs }: Throughput) => done / perMinute / (tookMs / MINUTE_MS);
  return {
    unit: 'share',
    better: 'higher',
    value: part({ done: real.done, tookMs: Math.max(real.tookMs, best.tookMs) }),
    target: 0.9,
    limit: part(best),
  };
}

/** Each of them at the start of its part, all at once. */
function jobs(random: Random): Job[] {
  const list = (phase: Phase, count: number, about: (i: number) => string, max_tokens: number) =>
    Array.from(
      { length: count },
      (_, i): Job => ({ phase, atMs: START_MS[phase], prompt: about(i), max_tokens }),
    );
  const topics = ['a refund', 'an invoice', 'a delivery', 'a password'];
  return [
    ...list('tickets', 75, (i) => `Which team gets ticket ${1000 + i} about ${random.pick(topics)}?`, 20),
    ...list('early', 1, () => 'Which team gets ticket 2000?', 20),
    ...list('late', 45, (i) => `Which team gets ticket ${3000 + i} about ${random.pick(topics)}?`, 20),
    ...list('reports', 50, (i) => `Report ${i}: what went wrong with ${random.pick(topics)} this week?`, 700),
  ];
}

/** What the provider counts on arrival: a quarter of the prompt's characters, and the output cap. */
function estimate(prompt: string, max_tokens: number): number {
  return Math.ceil(prompt.length / 4) + max_tokens;
}

/** More than any corner takes. */
const LONG_MS = 3 * MINUTE_MS;

/** Requests that wait for tokens, without a provider: each corner has a quota of its own, and most drain it first. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ createQuota }: typeof Subject, { clock }) {
    const corner = async () => {
      const quota = createQuota({ rpm: 6000, tpm: 6000 });
      let startMs = clock.now();
      /** Uses so many tokens, all that it asked for. Tells when it got through, or why it did not. */
      const use = (tokens: number, signal?: AbortSignal): Promise<Passed> => {
        const acquire = async () => quota.acquire(tokens, signal);
        const passed = acquire().then(
          (lease) => {
            lease.settle(tokens);
            return { afterMs: clock.now() - startMs };
          },
          (reason: unknown) => ({ afterMs: clock.now() - startMs, reason }),
        );
        return Promise.race([
          passed,
          clock.sleep(LONG_MS).then(() => ({ afterMs: Number.POSITIVE_INFINITY })),
        ]);
      };
      // Who turns a whole minute away fails a check of its own.
      if ((await use(6000)).reason !== undefined) await use(5999);
      startMs = clock.now();
      return use;
    };

    const busy = await corner();
    const large = busy(5000);
    const small: Promise<Passed>[] = [];
    for (let i = 0; i < 120; i += 1) {
      await clock.sleep(1000);
      small.push(busy(100));
    }
    const turns = { large: await large, small: await Promise.all(small) };

    const left = await corner();
    const user = new AbortController();
    const aborted = left(3000, user.signal);
    const behind = left(200);
    await clock.sleep(1000);
    user.abort(new Error('the user left'));
    const leaving = { aborted: await aborted, behind: await behind, alone: await (await corner())(200) };

    const tooLarge = await (await corner())(6001);
    const justFits = await (await corner())(6000);

    const early = await (await corner())(100, AbortSignal.abort(new Error('the user left')));

    const underestimated = createQuota({ rpm: 6000, tpm: 6000 });
    (await underestimated.acquire(1000)).settle(6000);
    const startMs = clock.now();
    await Promise.race([underestimated.acquire(600), clock.sleep(LONG_MS)]);
    const afterMoreMs = clock.now() - startMs;

    const timers = watchTimers();
    const quiet = await corner();
    await Promise.all([quiet(600), quiet(600)]);
    await clock.sleep(LONG_MS);
    return { turns, leaving, early, tooLarge, justFits, afterMoreMs, timersLeft: timers.stop() };
  },
});

/** When a request got through. With a reason: when it was turned away, and why. */
export interface Passed {
  afterMs: number;
  reason?: unknown;
}

/** Counts the timers that are set from now on and neither fire, nor are cleared, nor let the process end. */
function watchTimers(): { stop(): number } {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const running = new Set<NodeJS.Timeout>();
  const forget = (timer: unknown) => running.delete(timer as NodeJS.Timeout);
  const watched = {
    setTimeout: (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const timer = setTimeout(() => {
        forget(timer);
        callback(...args);
      }, ms);
      running.add(timer);
      return timer;
    },
    setInterval: (...given: Parameters<typeof setInterval>) => {
      const timer = setInterval(...given);
      running.add(timer);
      return timer;
    },
    clearTimeout: (timer: NodeJS.Timeout) => {
      forget(timer);
      clearTimeout(timer);
    },
    clearInterval: (timer: NodeJS.Timeout) => {
      forget(timer);
      clearInterval(timer);
    },
  };
  Object.assign(globalThis, watched);
  return {
    stop() {
      Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
      return [...running].filter((timer) => timer.hasRef()).length;
    },
  };
}
