import type { OpenAI } from 'openai';
import { toFile } from 'openai';
import { expect, test } from 'vitest';
import { run } from './support.ts';

const DEPLOYMENTS = {
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
  'text-embedding-3-small': { model: 'text-embedding-3-small' },
  'chat-batch': { model: 'gpt-5.4-mini', vendor: 'azure' },
} as const;
const HOUR_MS = 3_600_000;
const hours = (count: number) => new Promise((resolve) => setTimeout(resolve, count * HOUR_MS));

function lines(
  count: number,
  more: (i: number) => object = () => ({}),
  url = '/v1/chat/completions',
): string {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      custom_id: `line-${i}`,
      method: 'POST',
      url,
      body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Question ${i}` }] },
      ...more(i),
    }),
  ).join('\n');
}

async function start(client: OpenAI, text: string, endpoint = '/v1/chat/completions') {
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'in.jsonl'),
    purpose: 'batch',
  });
  return client.batches.create({
    input_file_id: file.id,
    endpoint: endpoint as '/v1/chat/completions',
    completion_window: '24h',
  });
}

async function finish(client: OpenAI, id: string) {
  for (;;) {
    const batch = await client.batches.retrieve(id);
    if (['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) return batch;
    await hours(0.1);
  }
}

async function rows(client: OpenAI, fileId: string | undefined) {
  if (!fileId) return [];
  const text = await (await client.files.content(fileId)).text();
  return text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
}

test('a batch answers every line as the live route would, for half the price, hours later', async () => {
  const { value, ledger, settledMs } = await run(
    async ({ openai }) => {
      const live = await openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Question 3' }],
      });
      const batch = await start(openai, lines(40));
      const statuses = new Set([batch.status]);
      for (let at = batch; at.status !== 'completed'; at = await openai.batches.retrieve(batch.id)) {
        statuses.add(at.status);
        await hours(0.05);
      }
      const done = await openai.batches.retrieve(batch.id);
      return { live, statuses: [...statuses], done, out: await rows(openai, done.output_file_id) };
    },
    { deployments: DEPLOYMENTS },
  );
  const { live, done, out } = value;
  expect(value.statuses).toEqual(expect.arrayContaining(['validating', 'in_progress']));
  expect(done).toMatchObject({
    request_counts: { total: 40, completed: 40, failed: 0 },
    model: 'gpt-4o-mini',
  });
  expect(done.error_file_id).toBeUndefined();
  expect(settledMs).toBeGreaterThan(60_000);
  const ids = out.map((row) => row.custom_id);
  expect(new Set(ids).size).toBe(40);
  expect(ids).not.toEqual(Array.from({ length: 40 }, (_, i) => `line-${i}`));
  const third = out.find((row) => row.custom_id === 'line-3');
  expect(third.response).toMatchObject({ status_code: 200, body: { object: 'chat.completion' } });
  expect(third.response.body.choices).toEqual(live.choices);
  const [alone, ...inBatch] = ledger.calls.filter((call) => call.surface !== 'other');
  const same = inBatch.find((call) => call.prompt === 'Question 3');
  expect((alone?.costPicoUsd ?? 0) / (same?.costPicoUsd ?? 1)).toBe(2);
  expect(same?.tier).toBe('batch');
  expect(done.usage?.total_tokens).toBe(
    inBatch.reduce((sum, { tokens }) => sum + tokens.input + tokens.output, 0),
  );
});

test('lines that fail go to the error file, and the batch still completes', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const batch = await start(
        openai,
        lines(10, (i) => (i === 4 ? { body: { model: 'gpt-4o-mini', messages: [] } } : {})),
      );
      const done = await finish(openai, batch.id);
      return {
        done,
        good: await rows(openai, done.output_file_id),
        bad: await rows(openai, done.error_file_id),
      };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.done.request_counts).toEqual({ total: 10, completed: 9, failed: 1 });
  expect(value.good).toHaveLength(9);
  expect(value.bad).toMatchObject([
    { custom_id: 'line-4', response: { status_code: 400, body: { error: { param: 'messages' } } } },
  ]);
});

test.for([
  ['a line that is no JSON', `${lines(2)}\nnot json`, 'invalid_json_line', 3],
  ['an id used twice', lines(3, (i) => ({ custom_id: `line-${i % 2}` })), 'duplicate_custom_id', 3],
  [
    'two models in one file',
    lines(2, (i) => (i ? { body: { model: 'gpt-4o' } } : {})),
    'mismatched_model',
    2,
  ],
  ['another route', lines(1, () => ({ url: '/v1/embeddings' })), 'mismatched_endpoint', 1],
] as const)('a file with %s fails with the number of the line', async ([, text, code, line]) => {
  const { value } = await run(async ({ openai }) => finish(openai, (await start(openai, text)).id), {
    deployments: DEPLOYMENTS,
  });
  expect(value.status).toBe('failed');
  expect(value.errors?.data).toMatchObject([{ code, line }]);
});

test('a batch of embeddings', async () => {
  const body = { model: 'text-embedding-3-small', input: ['one', 'two'] };
  const text = lines(3, () => ({ body }), '/v1/embeddings');
  const { value } = await run(
    async ({ openai }) => {
      const done = await finish(openai, (await start(openai, text, '/v1/embeddings')).id);
      return rows(openai, done.output_file_id);
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value[0].response.body.data[1].embedding).toHaveLength(1536);
});

test('a cancelled batch keeps what was answered and bills only that', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const batch = await start(openai, lines(200));
      while (((await openai.batches.retrieve(batch.id)).request_counts?.completed ?? 0) < 20)
        await hours(0.01);
      const cancelling = await openai.batches.cancel(batch.id);
      const done = await finish(openai, batch.id);
      const again = openai.batches.cancel(batch.id, { maxRetries: 0 });
      await expect(again).rejects.toThrow(/Cannot cancel/);
      return { cancelling, done, out: await rows(openai, done.output_file_id) };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.cancelling.status).toBe('cancelling');
  expect(value.done.status).toBe('cancelled');
  expect(value.out.length).toBeGreaterThanOrEqual(20);
  expect(value.out.length).toBeLessThan(200);
  expect(ledger.calls.filter((call) => call.surface === 'batch line')).toHaveLength(value.out.length);
});

test('a batch that is not done after 24 hours expires, and says so for each line left', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const done = await finish(openai, (await start(openai, lines(100))).id);
      return { done, bad: await rows(openai, done.error_file_id) };
    },
    { provider: { deployments: DEPLOYMENTS, batch: { medianMs: 40 * HOUR_MS, p95Ms: 41 * HOUR_MS } } },
  );
  expect(value.done.status).toBe('expired');
  expect(value.bad.length).toBeGreaterThan(10);
  expect(value.bad[0].error.code).toBe('batch_expired');
});

test('Azure names the route without its version, and files can be listed, read and deleted', async () => {
  const { value } = await run(
    async ({ azure }) => {
      const body = (i: number) => ({
        url: '/chat/completions',
        body: { model: 'chat-batch', messages: [{ role: 'user', content: `Q ${i}` }] },
      });
      const batch = await start(azure, lines(3, body), '/chat/completions');
      const done = await finish(azure, batch.id);
      const listed = await azure.files.list();
      const deleted = await azure.files.delete(batch.input_file_id);
      const gone = azure.files.retrieve(batch.input_file_id);
      await expect(gone).rejects.toThrow(/No such File object/);
      return { done, listed: listed.data.map((file) => file.purpose), deleted };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.done.status).toBe('completed');
  expect(value.listed).toEqual(['batch_output', 'batch']);
  expect(value.deleted.deleted).toBe(true);
});

test('a line that the live route would refuse goes into the error file, and the batch goes on', async () => {
  const schema = {
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#' } } },
    required: ['children'],
    additionalProperties: false,
  };
  const bodies = [
    { model: 'gpt-4o-mini', messages: [{ role: 'user', content: [null] }] },
    { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'x' }], tools: {} },
    // The form of forms of OpenAI's own guide: valid, and it contains itself.
    {
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'x' }],
      response_format: { type: 'json_schema', json_schema: { name: 'ui', strict: true, schema } },
    },
  ];
  const { value } = await run(
    async ({ openai }) => {
      const done = await finish(
        openai,
        (
          await start(
            openai,
            lines(3, (i) => ({ body: bodies[i] })),
          )
        ).id,
      );
      return { counts: done.request_counts, bad: await rows(openai, done.error_file_id) };
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.counts).toEqual({ total: 3, completed: 1, failed: 2 });
  expect(value.bad.map(({ response }) => response.status_code)).toEqual([400, 400]);
});

test('a batch serves the Responses API too', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const url = '/v1/responses';
      const body = { model: 'gpt-4o-mini', input: 'Hello' };
      const done = await finish(
        openai,
        (
          await start(
            openai,
            lines(1, () => ({ body }), url),
            url,
          )
        ).id,
      );
      return rows(openai, done.output_file_id);
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value[0].response.body).toMatchObject({ object: 'response', status: 'completed' });
});
