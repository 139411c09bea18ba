import { expect, test } from 'vitest';
import { readDeployments } from '../../lib/provider/deployments-file.ts';
import { readScript } from '../../lib/provider/script.ts';
import { ask, type Options, run } from './support.ts';

/** Plays one question after another by a script, without retries; what each came to. */
async function answers(script: unknown, questions: readonly string[], options: Options<void> = {}) {
  const read = readScript(JSON.stringify(script));
  if ('problem' in read) throw new Error(read.problem);
  const { value, ledger } = await run(
    async ({ openai }) => {
      const said: unknown[] = [];
      for (const question of questions) {
        const answer = openai.chat.completions.create(ask(question), { maxRetries: 0 });
        said.push(
          await answer.then(
            ({ choices: [choice] }) => choice?.message.content ?? choice?.message.tool_calls?.length,
            (error) => error.status ?? error.message,
          ),
        );
      }
      return said;
    },
    { ...options, faults: read.faults },
  );
  return { said: value, calls: ledger.calls };
}

test('a rule writes the answer to the requests that it fits, and is billed like any other', async () => {
  const script = [
    { when: { promptIncludes: 'capital' }, effect: { answer: 'Paris.' } },
    { effect: { answer: { toolCalls: [{ name: 'look', arguments: { at: 'it' } }] } } },
  ];
  const { said, calls } = await answers(script, ['The capital of France?', 'And this?']);
  expect(said).toEqual(['Paris.', 1]);
  expect(calls[0]?.tokens.output).toBe(2);
  expect(calls.every(({ costMicroUsd }) => costMicroUsd > 0)).toBe(true);
});

test('a rule with `times` meets the first so many requests that fit it', async () => {
  const script = [
    { when: { promptIncludes: 'order', times: 2 }, effect: { error: 'rate_limit', retryAfterMs: 10 } },
    { effect: { answer: 'Fine.' } },
  ];
  const { said } = await answers(script, ['order', 'hello', 'order', 'order']);
  expect(said).toEqual([429, 'Fine.', 429, 'Fine.']);
});

test('a delay comes before the work, and slows nothing in it', async () => {
  const took = async (effect: object) => {
    const { calls } = await answers([{ effect }], ['Hello']);
    return (calls[0]?.endMs ?? 0) - (calls[0]?.startMs ?? 0);
  };
  expect((await took({ delayMs: 5000 })) - (await took({ slowdown: 1 }))).toBeCloseTo(5000, 6);
});

test('an error in the middle of a stream is thrown by the SDK in chat completions, and two events in responses', async () => {
  const { value, ledger } = await run(
    async ({ openai, model }) => {
      const types: string[] = [];
      for await (const { type } of await openai.responses.create({ model, input: 'Hello', stream: true }))
        types.push(type);
      const read = async () => {
        for await (const _ of await openai.chat.completions.create({ ...ask('Hello'), stream: true }));
      };
      const thrown = await read().catch((error) => error);
      return { ends: types.slice(-2), thrown };
    },
    { faults: [{ when: {}, effect: { failAfterTokens: 5 } }] },
  );
  expect(value.ends).toEqual(['error', 'response.failed']);
  expect([value.thrown.constructor.name, value.thrown.type]).toEqual(['APIError', 'server_error']);
  expect(ledger.calls.map(({ outcome, tokens }) => [outcome, tokens.output])).toEqual([
    ['broken', 5],
    ['broken', 5],
  ]);
});

test('an answer in one piece that fails on the way is status 500, and what was made of it is billed', async () => {
  const { said, calls } = await answers([{ effect: { failAfterTokens: 5 } }], ['Hello']);
  expect(said).toEqual([500]);
  expect(calls[0]).toMatchObject({ status: 500, outcome: 'broken' });
  expect(calls[0]?.costMicroUsd).toBeGreaterThan(0);
});

test.for([
  ['{', 'not valid JSON'],
  ['{}', 'A script is a list of rules'],
  ['[{"when":{},"effect":{"error":"teapot"}}]', 'Rule 1 of the script: effect'],
  [
    '[{"effect":{"delayMs":1}},{"when":{"tims":1},"effect":{"delayMs":1}}]',
    'Rule 2 of the script: when: Unrecognized key: "tims"',
  ],
  ['[{"when":{"share":2},"effect":{"delayMs":1}}]', 'Rule 1 of the script: when.share'],
  ['[{"effect":{"cutAfterTokens":-1}}]', 'An effect is one of answer, error, delayMs'],
] as const)('the script %s is refused in a sentence', ([text, said]) => {
  const read = readScript(text);
  expect('problem' in read && read.problem).toContain(said);
});

test.for([
  ['{', 'JSON'],
  ['{"a":{"vendor":"aws"}}', 'Deployment "a": vendor'],
  [
    '{"a":{"vendor":"azure","role":"small","quota":{"rpm":3}}}',
    'Deployment "a": quota: Unrecognized key: "rpm"',
  ],
  ['{"a":{"vendor":"azure","model":"gpt-9"}}', 'Deployment "a": model: no such model'],
  ['{"a":{"role":"small"}}', 'because OpenAI routes by model name'],
] as const)('the deployments %s are refused in a sentence', ([text, said]) => {
  const read = readDeployments(text);
  expect('problem' in read && read.problem).toContain(said);
});

test('deployments of a file are those of a plan', () => {
  const prod = { vendor: 'azure', role: 'small', quota: { requestsPerMin: 6 }, promptCache: false };
  expect(readDeployments(JSON.stringify({ prod }))).toEqual({ deployments: { prod } });
});
