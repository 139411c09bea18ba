import OpenAI from 'openai';
import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { defineScenario, type Fault, type FaultEffect, type Random } from '#lib/provider';
import type * as Contract from '../contracts/retry.ts';
import { provider } from '../provider.ts';

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** What the caller of an operation was told, and when. */
export interface Told {
  atMs: number;
  text?: string;
  error?: unknown;
}

/** Most attempts in the corners. */
export const ATTEMPTS = 3;
/** The pause before the second attempt in the corners, at most, on top of what the provider asks for. */
export const BASE_MS = 200;
/** Nobody waits longer in the corners, unless they say so. */
export const DEADLINE_MS = 8000;

/** The first attempts are made before this, all further ones after it. */
const FIRST_MS = 10;

/** Trouble that only the first attempt meets, by its prompt. */
export const PASSING = {
  'a rate limit (429)': 'What is a queue?',
  'a timeout (408)': 'What is a clock?',
  'a server error (500)': 'What is a server?',
  'an overload (503)': 'What is a crowd?',
  'a lost connection': 'What is a wire?',
};
/** Requests that will never succeed as they are. */
export const LASTING = {
  'a refused prompt (400)': 'What must nobody ask?',
  'too long a context (400)': 'What is the longest answer?',
  'a wrong key (401)': 'What is a key?',
  'an unknown model (404)': 'What is a model?',
  'no credit left (429, insufficient_quota)': 'What is money?',
};
export const PROMPTS = {
  /** Refused with a wait: 429 and 503. */
  waits: ['How long is a while?', 'How long is a moment?'] as const,
  /** Fails for ever, with the SDK's own retries in the way. */
  down: 'Is anybody there?',
  /** Refused with a wait of a minute. */
  tomorrow: 'Is it tomorrow yet?',
  /** Fails for ever, and ten attempts would take longer than the deadline. */
  never: 'Will it ever work?',
  /** No answer and no error for a minute. */
  silent: 'Do you hear me?',
  /** The connection is lost after fifteen tokens. */
  story: 'Tell me a story.',
  /** Fails once, when the money is on its way. */
  refund: 'Tell the customer that the money is on its way.',
};

interface Changes extends Partial<Contract.RetryPolicy> {
  from?: OpenAI;
}

/** Each kind of trouble once, all at the same time, through clients of which each minds its own business. */
export const corners = defineScenario({
  provider,
  faults: [
    fault(PASSING['a rate limit (429)'], { error: 'rate_limit', retryAfterMs: 300 }, FIRST_MS),
    fault(PASSING['a timeout (408)'], { error: 'timeout' }, FIRST_MS),
    fault(PASSING['a server error (500)'], { error: 'server_error' }, FIRST_MS),
    fault(PASSING['an overload (503)'], { error: 'overloaded' }, FIRST_MS),
    fault(PASSING['a lost connection'], { cutAfterTokens: 3 }, FIRST_MS),
    fault(LASTING['a refused prompt (400)'], { error: 'invalid_prompt' }),
    fault(LASTING['no credit left (429, insufficient_quota)'], { error: 'insufficient_quota' }),
    fault(PROMPTS.waits[0], { error: 'rate_limit', retryAfterMs: 2500 }, 2600),
    fault(PROMPTS.waits[1], { error: 'overloaded', retryAfterMs: 4000 }, FIRST_MS),
    fault(PROMPTS.down, { error: 'server_error' }),
    fault(PROMPTS.never, { error: 'server_error' }),
    fault(PROMPTS.tomorrow, { error: 'rate_limit', retryAfterMs: 60_000 }),
    fault(PROMPTS.silent, { stallAfterTokens: 5, forMs: 60_000 }),
    fault(PROMPTS.story, { cutAfterTokens: 15 }, FIRST_MS),
    fault(PROMPTS.refund, { error: 'server_error' }, FIRST_MS),
  ],
  traffic: () => null,
  async play({ withRetry, ask, createBudget }: typeof Subject, { openai, model, clock }) {
    const client = openai.withOptions({ maxRetries: 0 });
    const stranger = client.withOptions({ apiKey: 'sk-of-somebody-else' });
    const policy = {
      attempts: ATTEMPTS,
      deadlineMs: DEADLINE_MS,
      baseMs: BASE_MS,
      budget: createBudget(0.1, 50),
    };
    const request = (content: string, rest?: Partial<Request>): Request => ({
      model,
      messages: [{ role: 'user', content }],
      ...rest,
    });
    const call = (body: Request, { from = client, ...changes }: Changes = {}) =>
      withRetry(({ signal }) => from.chat.completions.create(body, { signal }).then(textOf), {
        ...policy,
        ...changes,
      });
    const page: string[] = [];
    const secondsOnly = pausesAfter({ 'retry-after': '3' }, { withRetry, policy, now: clock.now });
    let refunds = 0;
    const operations = {
      passing: Object.values(PASSING).map((prompt) => call(request(prompt))),
      lasting: [
        call(request(LASTING['a refused prompt (400)'])),
        call(request(LASTING['too long a context (400)'], { max_tokens: 500_000 })),
        call(request(LASTING['a wrong key (401)']), { from: stranger }),
        call(request(LASTING['an unknown model (404)'], { model: 'gpt-4o-maxi' })),
        call(request(LASTING['no credit left (429, insufficient_quota)'])),
      ],
      waits: PROMPTS.waits.map((prompt) => call(request(prompt))),
      tomorrow: [call(request(PROMPTS.tomorrow))],
      never: [call(request(PROMPTS.never), { attempts: 10, deadlineMs: 3000, baseMs: 600 })],
      silent: [call(request(PROMPTS.silent))],
      down: [ask(openai, request(PROMPTS.down), policy).then(textOf)],
      story: [
        withRetry(async ({ signal, commit }) => {
          const body = { ...request(PROMPTS.story), stream: true as const };
          for await (const chunk of await client.chat.completions.create(body, { signal })) {
            const text = chunk.choices[0]?.delta.content;
            if (!text) continue;
            commit();
            page.push(text);
          }
          return page.join('');
        }, policy),
      ],
      refund: [
        withRetry(async ({ signal, commit }) => {
          commit();
          refunds += 1;
          return textOf(await client.chat.completions.create(request(PROMPTS.refund), { signal }));
        }, policy),
      ],
    };
    const told = await everybody(operations, clock.now);
    const shared = { ...policy, budget: createBudget(1, 1) };
    const earned = [
      await attemptsOf({ withRetry, policy: shared }),
      await attemptsOf({ withRetry, policy: shared }),
    ];
    return { told, page: page.join(''), refunds, secondsOnly: await secondsOnly, earned };
  },
});

const CLIENTS = 40;
const A_SECOND = 8;

/** Forty clients are refused in the same moment, with the same wait, by a deployment that takes eight a second. */
export const herd = defineScenario({
  provider,
  faults: [{ when: { toMs: 100 }, effect: { error: 'rate_limit', retryAfterMs: 6000 } }],
  answer: () => 'Nothing new.',
  traffic: () => Array.from({ length: CLIENTS }, (_, i) => `Client ${i}: what is new today?`),
  play({ ask, createBudget }: typeof Subject, { openai, clock, traffic }) {
    const policy = { attempts: 6, deadlineMs: 60_000, baseMs: 6000, budget: createBudget(0.1, 1000) };
    const asked = traffic.map((content) =>
      ask(openai, { model: 'gpt-4.1-nano', messages: [{ role: 'user', content }] }, policy).then(textOf),
    );
    return everyone(asked, clock.now);
  },
  readings: ({ ledger }) => ({
    'number of refusals': {
      unit: 'count',
      better: 'lower',
      value: ledger.totals().refused,
      // Who comes back in step is refused again at once, all but eight. Two thirds of that is not in step.
      target: CLIENTS + Math.floor(((CLIENTS - A_SECOND) * 2) / 3),
      // The first refusal spares nobody.
      limit: CLIENTS,
    },
  }),
});

const REQUESTS = 200;
const MINUTE_MS = 60_000;
const OUTAGE = { fromMs: 15_000, toMs: 45_000 };
/** Nobody waits longer in the brown-out. */
const PATIENCE_MS = 5000;

/** Two hundred clients ask in the course of a minute; for half of it, every call from the west is dropped. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { ...OUTAGE, promptIncludes: '(west)' }, effect: { cutAfterTokens: 1 } },
    { when: { share: 0.03 }, effect: { error: 'server_error' } },
  ],
  answer: ({ sentences }) => sentences(100),
  traffic: clients,
  async play({ ask, createBudget }: typeof Subject, { openai, clock, traffic }) {
    const policy = {
      attempts: ATTEMPTS,
      deadlineMs: PATIENCE_MS,
      baseMs: 250,
      budget: createBudget(0.1, 10),
    };
    const asked = traffic.map(async ({ atMs, prompt }) => {
      await clock.sleep(atMs);
      const messages = [{ role: 'user' as const, content: prompt }];
      return textOf(await ask(openai, { model: 'gpt-4.1-mini', messages }, policy));
    });
    return everyone(asked, clock.now);
  },
  readings({ traffic, ledger, outcome }) {
    const possible = traffic.filter((client) => !hopeless(client)).length / REQUESTS;
    const answered = traffic.filter(({ atMs, prompt }, i) => {
      const { text, atMs: toldMs = 0 } = outcome.value[i] ?? {};
      const inTime = toldMs <= atMs + PATIENCE_MS;
      return (
        inTime && ledger.callsFor(prompt).some((call) => call.outcome === 'answered' && call.answer === text)
      );
    }).length;
    return {
      'attempts per request': {
        unit: 'ratio',
        better: 'lower',
        value: ledger.calls.length / REQUESTS,
        target: 1.2,
        // Each operation is run once at least.
        limit: 1,
      },
      'answered in time': {
        unit: 'share',
        better: 'higher',
        value: answered / REQUESTS,
        target: possible * 0.9,
        limit: possible,
      },
    };
  },
});

interface Client {
  atMs: number;
  prompt: string;
}

/** They come one after the other, about every 0.3 s; of each five, two are from the west. */
function clients(random: Random): Client[] {
  const gapMs = MINUTE_MS / REQUESTS;
  const sides = Array.from({ length: REQUESTS / 5 }, () =>
    random.shuffle(['west', 'west', 'east', 'east', 'east']),
  );
  return sides.flat().map((side, i) => ({
    atMs: Math.floor((i + random.next()) * gapMs),
    prompt: `Client ${i} (${side}): where is my parcel?`,
  }));
}

/** True if nothing could answer the client: all the time that it waits, its calls are dropped. */
function hopeless({ atMs, prompt }: Client): boolean {
  return prompt.includes('(west)') && atMs >= OUTAGE.fromMs && atMs + PATIENCE_MS < OUTAGE.toMs;
}

interface Retrying extends Pick<typeof Subject, 'withRetry'> {
  policy: Contract.RetryPolicy;
}

/** The pauses between the attempts of an operation that is refused once, with these headers. */
async function pausesAfter(
  headers: Record<string, string>,
  { withRetry, policy, now }: Retrying & { now(): number },
): Promise<number[]> {
  const atMs: number[] = [];
  await withRetry(async () => {
    if (atMs.push(now()) === 1) throw refusal(429, headers);
  }, policy).catch(() => {});
  return atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? 0));
}

/** How often an operation is tried that fails each time. */
async function attemptsOf({ withRetry, policy }: Retrying): Promise<number> {
  let attempts = 0;
  await withRetry(async () => {
    attempts += 1;
    throw refusal(500);
  }, policy).catch(() => {});
  return attempts;
}

/** The error as the SDK throws it. */
function refusal(status: number, headers?: Record<string, string>): Error {
  return OpenAI.APIError.generate(status, {}, 'Try again later.', new Headers(headers));
}

function fault(promptIncludes: string, effect: FaultEffect, toMs?: number): Fault {
  return { when: { promptIncludes, ...(toMs !== undefined && { toMs }) }, effect };
}

function textOf(completion: OpenAI.ChatCompletion): string {
  return completion.choices[0]?.message.content ?? '';
}

async function everybody<K extends string>(
  operations: Record<K, Promise<string>[]>,
  now: () => number,
): Promise<Record<K, Told[]>> {
  const names = Object.keys(operations) as K[];
  const told = await Promise.all(names.map((name) => everyone(operations[name], now)));
  return Object.fromEntries(names.map((name, i) => [name, told[i]])) as Record<K, Told[]>;
}

/** Waits for all and notes what each was told, and when. */
function everyone(operations: Promise<string>[], now: () => number): Promise<Told[]> {
  return Promise.all(
    operations.map((operation) =>
      operation.then(
        (text) => ({ atMs: now(), text }),
        (error: unknown) => ({ atMs: now(), error }),
      ),
    ),
  );
}
