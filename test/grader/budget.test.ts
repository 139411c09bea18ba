import { expect, test } from 'vitest';
import { chooseAccount } from '../../lib/grader/run/account.ts';
import { boundRequest } from '../../lib/grader/run/bound.ts';
import { BudgetError, createBudget } from '../../lib/grader/run/budget.ts';
import { modelFor } from '../../lib/provider/models.ts';
import { priceOf } from '../../lib/provider/money.ts';

const CHATS = 'https://api.openai.com/v1/chat/completions';
/** A dollar a million tokens in, ten out: one and ten micro-dollars a token. */
const price = { input: 1, output: 10, source: 'test' };
const options = { price, outputCap: 'max_tokens' as const, shareMicroUsd: 4000 };

function chat(body: object): RequestInit {
  return { method: 'POST', body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }) };
}

/** Sends calls through a budget; the answer is the number of calls that were let through. */
function sender(budgetUsd: number, expectedCalls: number) {
  const sent: string[] = [];
  const budget = createBudget(
    budgetUsd,
    { priceFor: () => price, outputCap: 'max_completion_tokens' },
    expectedCalls,
  );
  const guarded = budget.guard(async (_, init) => {
    sent.push(String(init?.body));
    return new Response();
  });
  const settle = (id: number, status: number, usage?: { input: number; cached: number; output: number }) =>
    budget.settle({ event: 'ended', id, atMs: 0, status, how: 'complete', ...(usage && { usage }) });
  return { sent, settle, send: (body: object) => guarded(CHATS, chat(body)) };
}

test('a call that has a cap keeps it, and what it may cost counts every answer it asks for', () => {
  const bounded = boundRequest(CHATS, chat({ max_tokens: 50, n: 3 }), options);
  expect(bounded).toMatchObject({ output: 150, body: chat({ max_tokens: 50, n: 3 }).body });
});

test('a call without a cap gets one: what its share of the budget pays for once its input is paid', () => {
  const bounded = boundRequest(CHATS, chat({}), options);
  const input = String(chat({}).body).length;
  const cap = Math.floor((4000 - input) / 10);
  expect(bounded).toEqual({ input, output: cap, body: chat({ max_tokens: cap }).body });
  expect(boundRequest(CHATS, chat({}), { ...options, shareMicroUsd: 1e6 })).toMatchObject({ output: 1000 });
  expect(boundRequest(CHATS, chat({}), { ...options, shareMicroUsd: 0 })).toMatchObject({ output: 64 });
});

test('each API has its cap under its own name; embeddings have no output, and looking something up is free', () => {
  const at = (path: string, init?: RequestInit) =>
    boundRequest(`https://api.openai.com/v1/${path}`, init, options);
  expect(at('responses', chat({ max_output_tokens: 9 }))).toMatchObject({ output: 9 });
  expect(at('responses', chat({}))).toMatchObject({ body: expect.stringContaining('"max_output_tokens":') });
  expect(at('embeddings', chat({}))).toMatchObject({ output: 0 });
  expect(at('models')).toEqual({ input: 0, output: 0 });
});

test('what cannot be bounded is not sent', () => {
  const picture = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] };
  expect(boundRequest(CHATS, chat(picture), options)).toMatchObject({
    problem: expect.stringContaining('"image_url" in a request'),
  });
  expect(boundRequest('https://api.openai.com/v1/images/generations', chat({}), options)).toMatchObject({
    problem: expect.stringContaining('/v1/images/generations'),
  });
});

test('calls under way count with all they may cost, ended ones with their usage, refusals with nothing', async () => {
  const { sent, settle, send } = sender(0.001, 1);
  const body = { max_completion_tokens: 40 };
  await send(body); // At most 400 micro-dollars of output and less than 100 of input.
  await send(body);
  await expect(send(body)).rejects.toThrow(BudgetError);
  settle(2, 429);
  await send(body);
  await expect(send(body)).rejects.toThrow(/\$0\.000000 is spent, \$0\.0009\d\d is set aside/);
  settle(1, 200, { input: 10, cached: 0, output: 1 });
  await send(body);
  expect(sent).toHaveLength(4);
});

test('where writing to the cache costs more than input, that is what is set aside', async () => {
  const writes = { ...price, cacheWrite: 1.25 };
  const budget = createBudget(1, { priceFor: () => writes, outputCap: 'max_completion_tokens' }, 1);
  const send = budget.guard(async () => new Response());
  const long = chat({ max_completion_tokens: 1, messages: [{ role: 'user', content: 'x'.repeat(850_000) }] });
  await expect(send(CHATS, long)).rejects.toThrow(/may cost \$1\.06/);
});

test('a request for another model is priced as that model, and an account for a dead one is refused', () => {
  const choice = chooseAccount({ OPENAI_API_KEY: 'k' }, '2026-11-30');
  expect(choice.ok && [choice.account.model, choice.account.priceFor(modelFor('strong'))]).toEqual([
    modelFor('small'),
    priceOf(modelFor('strong')),
  ]);
  expect(chooseAccount({ OPENAI_API_KEY: 'k', OPENAI_MODEL: 'gpt-4o' }, '2027-01-14')).toEqual({
    ok: false,
    problem: expect.stringContaining('"gpt-4o" had its last day on 2027-01-14'),
  });
});

test('at Azure it is the model behind the deployment whose last day counts, and Azure has a calendar of its own', () => {
  const env = {
    AZURE_OPENAI_ENDPOINT: 'https://here.openai.azure.com',
    AZURE_OPENAI_API_KEY: 'k',
    AZURE_OPENAI_DEPLOYMENT: 'prod',
    OPENAI_MODEL: 'gpt-4o',
  };
  expect(chooseAccount(env, '2026-09-30')).toMatchObject({ ok: true, account: { model: 'prod' } });
  // Microsoft, model retirements: gpt-4o on 1 October 2026, three months before OpenAI.
  expect(chooseAccount(env, '2026-10-01')).toEqual({
    ok: false,
    problem: expect.stringContaining('"gpt-4o" had its last day on 2026-10-01'),
  });
});

test('an answer without usage counts with all that was set aside for it', async () => {
  const { settle, send } = sender(0.0006, 1);
  await send({ max_completion_tokens: 40 });
  settle(1, 200);
  await expect(send({ max_completion_tokens: 40 })).rejects.toThrow(/\$0\.0004\d\d is spent/);
});
