import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { defineScenario, quick } from '#lib/provider';
import { provider } from '../../provider.ts';
import {
  ATTEMPTS,
  BASE_MS,
  type Changes,
  DEADLINE_MS,
  everybody,
  fault,
  type Request,
  textOf,
} from './policy.ts';

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
      ...quick(model),
      messages: [{ role: 'user', content }],
      ...rest,
    });
    const call = (body: Request, { from = client, ...changes }: Changes = {}) =>
      withRetry(({ signal }) => from.chat.completions.create(body, { signal }).then(textOf), {
        ...policy,
        ...changes,
      });
    const page: string[] = [];
    let refunds = 0;
    const operations = {
      passing: Object.values(PASSING).map((prompt) => call(request(prompt))),
      lasting: [
        call(request(LASTING['a refused prompt (400)'])),
        call(request(LASTING['too long a context (400)'], { max_completion_tokens: 5_000_000 })),
        call(request(LASTING['a wrong key (401)']), { from: stranger }),
        call(request(LASTING['an unknown model (404)'], { model: `${model}-maxi` })),
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
    return { told, page: page.join(''), refunds };
  },
});
