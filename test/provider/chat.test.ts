import {
  APIConnectionTimeoutError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  OpenAI,
  RateLimitError,
} from 'openai';
import { expect, test } from 'vitest';
import type { AnswerRequest } from '../../lib/provider/written.ts';
import { ask, PLAIN, run } from './support.ts';

test('50 calls at once take as long as the slowest, 20 in sequence as long as all', async () => {
  const fan = await run(({ openai }) =>
    Promise.all(Array.from({ length: 50 }, (_, i) => openai.chat.completions.create(ask(`Question ${i}`)))),
  );
  expect(fan.settledMs).toBe(Math.max(...fan.ledger.calls.map((call) => call.endMs ?? 0)));
  expect(fan.ledger.peakInFlight()).toBe(50);

  const chain = await run(async ({ openai }) => {
    for (let i = 0; i < 20; i += 1) await openai.chat.completions.create(ask(`Question ${i}`));
  });
  const sum = chain.ledger.calls.reduce((ms, call) => ms + (call.endMs ?? 0) - call.startMs, 0);
  expect(chain.settledMs).toBe(sum);
  expect(chain.ledger.peakInFlight()).toBe(1);
});

test('the same seed gives the same figures, and one more request changes none of the others', async () => {
  const times = async (count: number, seed: number) => {
    const { ledger } = await run(
      ({ openai }) =>
        Promise.all(
          Array.from({ length: count }, (_, i) => openai.chat.completions.create(ask(`Question ${i}`))),
        ),
      { seed },
    );
    return ledger.calls.map((call) => call.endMs);
  };
  const twenty = await times(20, 5);
  expect(await times(20, 5)).toEqual(twenty);
  expect((await times(21, 5)).slice(0, 20)).toEqual(twenty);
  expect(await times(20, 6)).not.toEqual(twenty);
});

test('an answer in one piece carries usage, the dated model and a request id', async () => {
  const { value, ledger } = await run(({ openai }) => openai.chat.completions.create(ask('Hello')));
  expect(value).toMatchObject({
    object: 'chat.completion',
    model: 'gpt-4o-mini-2024-07-18',
    created: 1767603600 + Math.floor((ledger.calls[0]?.endMs ?? 0) / 1000),
    choices: [{ index: 0, finish_reason: 'stop', logprobs: null }],
    usage: { prompt_tokens: 8, prompt_tokens_details: { cached_tokens: 0 } },
  });
  expect(value._request_id).toMatch(/^req_/);
  expect(value.usage?.completion_tokens).toBe(ledger.calls[0]?.tokens.output);
  expect(value.choices[0]?.message.content).toBe(ledger.calls[0]?.answer);
});

test.for(['openai', 'azure'] as const)(
  'a stream of %s brings the same text, its usage last, each chunk at its time',
  async (vendor) => {
    const model = vendor === 'openai' ? 'gpt-4o-mini' : 'prod';
    const { value, ledger } = await run(async (world) => {
      const whole = await world[vendor].chat.completions.create({ ...ask('Hello', model), seed: 1 });
      const startMs = performance.now();
      const stream = await world[vendor].chat.completions.create({
        ...ask('Hello', model),
        seed: 1,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let firstMs = 0;
      const chunks = [];
      for await (const chunk of stream) {
        const piece = chunk.choices[0]?.delta?.content;
        if (piece && !firstMs) firstMs = performance.now() - startMs;
        text += piece ?? '';
        chunks.push(chunk);
      }
      return { whole, text, chunks, firstMs };
    });
    const { whole, text, chunks, firstMs } = value;
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    const withId = chunks.slice(0, -1).filter((chunk) => chunk.id !== '');
    expect(withId.every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    const call = ledger.calls[1];
    expect(firstMs).toBe((call?.firstTokenMs ?? 0) - (call?.startMs ?? 0));
    expect(call?.costMicroUsd).toBe(ledger.calls[0]?.costMicroUsd);
  },
);

test('without the option a stream has no usage at all', async () => {
  const { value } = await run(async ({ openai }) => {
    const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  });
  expect(value.some((chunk) => 'usage' in chunk)).toBe(false);
});

/** What must hold in virtual and in real time alike; real answers are kept short. */
for (const time of ['virtual', 'real'] as const) {
  const deployments = {
    ...PLAIN,
    'gpt-4o-mini': {
      model: 'gpt-4o-mini',
      latency: { ttftMs: 20, outputPerSec: 2000, p95OverP50: 1.1 },
    },
  } as const;
  const options = { deployments, time };
  // Slow enough that what is stopped would have gone on for eight seconds: a busy machine changes nothing.
  const slow = {
    deployments: {
      ...PLAIN,
      'gpt-4o-mini': {
        model: 'gpt-4o-mini',
        latency: { ttftMs: 400, outputPerSec: 25, p95OverP50: 1.1 },
      },
    },
    answer: ({ sentences }: AnswerRequest) => sentences(200),
    time,
  } as const;

  test(`a 429 is retried by the SDK after the time it was told (${time})`, async () => {
    const { value, ledger } = await run(({ openai }) => openai.chat.completions.create(ask('Hello')), {
      ...options,
      faults: [{ when: { ordinal: 1 }, effect: { error: 'rate_limit', retryAfterMs: 234 } }],
    });
    expect(value.choices[0]?.finish_reason).toBe('stop');
    expect(ledger.calls.map(({ outcome, retries, status }) => ({ outcome, retries, status }))).toEqual([
      { outcome: 'refused', retries: 0, status: 429 },
      { outcome: 'answered', retries: 1, status: 200 },
    ]);
    const [first, second] = ledger.calls;
    const pauseMs = (second?.startMs ?? 0) - (first?.endMs ?? 0);
    if (time === 'virtual') expect(pauseMs).toBe(234);
    else expect(pauseMs).toBeGreaterThanOrEqual(230);
  });

  test(`breaking out of a stream stops the answer and bills what was made (${time})`, async () => {
    const { value, ledger } = await run(async ({ openai }) => {
      let text = '';
      const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (text.length > 20) break;
      }
      return text;
    }, slow);
    const call = ledger.calls[0];
    expect(call?.outcome).toBe('aborted');
    expect(call?.answer.startsWith(value)).toBe(true);
    expect(call?.answer.length).toBeLessThan(value.length + 200);
    expect(call?.costMicroUsd).toBeGreaterThan(0);
  });

  test(`an abort stops a call before its headers and in the middle of a stream (${time})`, async () => {
    const { ledger } = await run(async ({ openai }) => {
      const early = openai.chat.completions.create(ask('Early'), { signal: AbortSignal.timeout(100) });
      await expect(early).rejects.toThrow(APIUserAbortError);
      const controller = new AbortController();
      const body = { ...ask('Mid-stream'), stream: true } as const;
      const stream = await openai.chat.completions.create(body, { signal: controller.signal });
      let count = 0;
      for await (const _ of stream) if (++count === 5) controller.abort();
      expect(count).toBeLessThan(time === 'virtual' ? 12 : 100);
    }, slow);
    expect(ledger.calls.map((call) => call.outcome)).toEqual(['aborted', 'aborted']);
    expect(ledger.calls[0]?.tokens.output).toBe(0);
    expect(ledger.calls[1]?.tokens.output).toBeGreaterThan(0);
    expect(ledger.calls[1]?.tokens.output).toBeLessThan(time === 'virtual' ? 14 : 100);
  });

  test(`a time-out of the client is its own error, and the call is over (${time})`, async () => {
    const { ledger } = await run(async ({ openai }) => {
      const late = openai.chat.completions.create(ask('Late'), { timeout: 100, maxRetries: 1 });
      await expect(late).rejects.toThrow(APIConnectionTimeoutError);
    }, slow);
    expect(ledger.calls.map((call) => call.outcome)).toEqual(['aborted', 'aborted']);
  });

  test(`a stalled stream goes silent and then breaks, with what was made billed (${time})`, async () => {
    const { value, ledger } = await run(
      async ({ openai }) => {
        let text = '';
        const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
        try {
          for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
          return 'complete';
        } catch {
          return text;
        }
      },
      { ...options, faults: [{ when: {}, effect: { stallAfterTokens: 8, forMs: 150 } }] },
    );
    const call = ledger.calls[0];
    expect(call).toMatchObject({ outcome: 'broken', answer: value });
    expect((call?.endMs ?? 0) - (call?.firstTokenMs ?? 0)).toBeGreaterThanOrEqual(145);
  });
}

test('a retry waits exactly what retry-after-ms says', async () => {
  const { settledMs, ledger } = await run(({ openai }) => openai.chat.completions.create(ask('Hello')), {
    faults: [{ when: { ordinal: 1 }, effect: { error: 'rate_limit', retryAfterMs: 1234 } }],
  });
  const [first, second] = ledger.calls;
  expect(second?.startMs).toBe((first?.endMs ?? 0) + 1234);
  expect(settledMs).toBe(second?.endMs);
});

test('a cut stream ends in an error and is billed for what came', async () => {
  const { ledger } = await run(
    async ({ openai }) => {
      const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
      const reading = (async () => {
        for await (const _ of stream);
      })();
      await expect(reading).rejects.toThrow('terminated');
    },
    { faults: [{ when: {}, effect: { cutAfterTokens: 8 } }] },
  );
  expect(ledger.calls[0]?.outcome).toBe('broken');
  expect(ledger.calls[0]?.tokens.output).toBeGreaterThanOrEqual(8);
});

test('generation goes on at its pace when the reader is slow', async () => {
  const { value, ledger } = await run(async ({ openai }) => {
    const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
    for await (const _ of stream) await new Promise((resolve) => setTimeout(resolve, 200));
    return performance.now();
  });
  expect(ledger.calls[0]?.endMs).toBeLessThan(value / 2);
});

test('errors arrive as the classes of the SDK', async () => {
  await run(
    async ({ openai }) => {
      const once = openai.withOptions({ maxRetries: 0 });
      const say = (content: string, model?: string) => once.chat.completions.create(ask(content, model));
      const badKey = new OpenAI({ apiKey: 'sk-wrong-key-0000', maxRetries: 0 });
      await expect(badKey.chat.completions.create(ask('Hello'))).rejects.toThrow(AuthenticationError);
      await expect(badKey.chat.completions.create(ask('Hello'))).rejects.toThrow(/sk-wr\*+000/);
      await expect(say('Hello', 'gpt-9')).rejects.toThrow(NotFoundError);
      await expect(say('429')).rejects.toThrow(RateLimitError);
      await expect(say('500')).rejects.toThrow(InternalServerError);
      await expect(say('503')).rejects.toMatchObject({ status: 503, type: 'server_error' });
      await expect(say('policy')).rejects.toThrow(BadRequestError);
      await expect(say('word '.repeat(130_000))).rejects.toMatchObject({
        status: 400,
        code: 'context_length_exceeded',
        param: 'messages',
      });
    },
    {
      faults: [
        { when: { promptIncludes: '429' }, effect: { error: 'rate_limit' } },
        { when: { promptIncludes: '500' }, effect: { error: 'server_error' } },
        { when: { promptIncludes: '503' }, effect: { error: 'overloaded' } },
        { when: { promptIncludes: 'policy' }, effect: { error: 'invalid_prompt' } },
      ],
    },
  );
});

test('a request that cannot be read is told why', async () => {
  await run(async ({ openai }) => {
    const send = (body: object) => openai.post('/chat/completions', { body, maxRetries: 0 });
    await expect(send({ messages: [] })).rejects.toThrow(/provide a model/);
    await expect(send({ model: 'gpt-4o-mini' })).rejects.toThrow(/'messages'/);
    await expect(send({ model: 'gpt-4o-mini', messages: [{ role: 'robot' }] })).rejects.toThrow(
      "Invalid value: 'robot'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', 'function'.",
    );
    for (const [field, kind] of [
      ['seed', 'an integer'],
      ['max_tokens', 'an integer'],
      ['temperature', 'a decimal'],
    ])
      await expect(send({ ...ask('Hello'), [field as string]: '5' })).rejects.toThrow(
        `Invalid type for '${field}': expected ${kind}, but got a string instead.`,
      );
    await expect(send({ ...ask('Hello'), logit_bias: { 5: 1 } })).rejects.toThrow(/not simulated/);
    await expect(send({ ...ask('Hello'), best_of: 3 })).rejects.toThrow(/argument supplied: best_of/);
  });
});

test('nothing reaches the network', async () => {
  const { strayUrls } = await run(async () => {
    await expect(fetch('https://example.com/data')).rejects.toThrow(/was not sent/);
    const unknown = await fetch(new Request('https://api.openai.com/v1/nothing'));
    expect(unknown.status).toBe(401);
  });
  expect(strayUrls).toEqual(['https://example.com/data']);
});

test('1,000 calls at once end exactly when each was to end', async () => {
  const { ledger } = await run(async ({ openai, quote, clock }) => {
    const calls = Array.from({ length: 1000 }, async (_, i) => {
      const body = ask(`Question ${i}`);
      await openai.chat.completions.create(body);
      expect(clock.now()).toBe(quote('openai', body).totalMs);
    });
    await Promise.all(calls);
  });
  expect(ledger.totals()).toMatchObject({ calls: 1000, answered: 1000 });
});
