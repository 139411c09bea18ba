import type {
  ContentFilterResultsForChoiceOutput,
  ContentFilterResultsForPromptOutput,
} from '@azure/openai/types';
import { AzureOpenAI, BadRequestError, NotFoundError, OpenAI } from 'openai';
import { expect, test } from 'vitest';
import { SIMULATED_KEY } from '#lib/provider';
import { ask, run } from './support.ts';

const ENDPOINT = 'https://team-a.openai.azure.com';
const apiKey = SIMULATED_KEY;

/** What Azure adds to an answer, by the types of its own package. */
interface Filtered {
  prompt_filter_results?: ContentFilterResultsForPromptOutput[];
}
interface FilteredChoice {
  content_filter_results?: ContentFilterResultsForChoiceOutput;
}

test('an answer carries what the filters found, typed by @azure/openai', async () => {
  const { value } = await run(({ azure }) => azure.chat.completions.create(ask('Hello', 'prod')));
  const [prompt] = (value as Filtered).prompt_filter_results ?? [];
  const choice = (value.choices[0] as FilteredChoice).content_filter_results;
  expect(prompt?.content_filter_results.hate).toEqual({ filtered: false, severity: 'safe' });
  expect(choice?.violence).toEqual({ filtered: false, severity: 'safe' });
});

test('the same deployment answers on the dated API, on v1, and to a bearer token', async () => {
  const { ledger } = await run(async ({ azure }) => {
    const body = ask('Hello', 'prod');
    await azure.chat.completions.create(body);
    const dated = new AzureOpenAI({
      endpoint: `${ENDPOINT}/`,
      apiKey,
      apiVersion: '2024-10-21',
      deployment: 'prod',
    });
    await dated.chat.completions.create({ ...body, model: 'anything' });
    await new OpenAI({ baseURL: `${ENDPOINT}/openai/v1/`, apiKey }).chat.completions.create(body);
    const azureADTokenProvider = async () => SIMULATED_KEY;
    const entra = new AzureOpenAI({ endpoint: ENDPOINT, azureADTokenProvider, apiVersion: '2024-10-21' });
    await entra.chat.completions.create(body);
  });
  expect(ledger.calls.map(({ deployment, auth, url }) => [deployment, auth, url])).toEqual([
    [
      'prod',
      'api-key',
      'https://workbook.openai.azure.com/openai/deployments/prod/chat/completions?api-version=2024-10-21',
    ],
    ['prod', 'api-key', `${ENDPOINT}/openai/deployments/prod/chat/completions?api-version=2024-10-21`],
    ['prod', 'bearer', `${ENDPOINT}/openai/v1/chat/completions`],
    ['prod', 'bearer', `${ENDPOINT}/openai/deployments/prod/chat/completions?api-version=2024-10-21`],
  ]);
  expect(ledger.totals().answered).toBe(4);
});

test("errors have Azure's own bodies and headers", async () => {
  await run(async ({ azure }) => {
    const unknown = await azure.chat.completions.create(ask('Hello', 'gpt-4o')).catch((error) => error);
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect(unknown.error).toEqual({
      code: 'DeploymentNotFound',
      message: expect.stringMatching(/^The API deployment/),
    });
    expect(unknown.headers.get('apim-request-id')).toMatch(/^req_/);
    expect(unknown.headers.get('x-ms-region')).toBe('Sweden Central');

    const stranger = new AzureOpenAI({ endpoint: ENDPOINT, apiKey: 'wrong', apiVersion: '2024-10-21' });
    const denied = await stranger.chat.completions.create(ask('Hello', 'prod')).catch((error) => error);
    expect(denied.error).toEqual({
      code: '401',
      message: expect.stringMatching(/^Access denied due to invalid/),
    });

    const headers = { 'api-key': apiKey };
    const status = async (version: string) => {
      const url = `${ENDPOINT}/openai/deployments/prod/chat/completions${version}`;
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(ask('Hello')) });
      return [answer.status, (await answer.json()).error.message];
    };
    expect(await status('')).toEqual([404, 'Resource not found']);
    expect(await status('?api-version=latest')).toEqual([400, 'API version not supported']);
  });
});

test('a blocked prompt is a 400 with its findings, and is not retried', async () => {
  const { value, ledger } = await run(
    ({ azure }) => azure.chat.completions.create(ask('something violent', 'prod')).catch((error) => error),
    { faults: [{ when: { promptIncludes: 'violent' }, effect: { error: 'content_filter' } }] },
  );
  expect(value).toBeInstanceOf(BadRequestError);
  expect(value).toMatchObject({ code: 'content_filter', param: 'prompt', type: null });
  expect(value.error).toMatchObject({
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { violence: { filtered: true, severity: 'medium' } },
    },
  });
  expect(ledger.calls).toHaveLength(1);
});

test('an answer that the filter cuts ends with content_filter', async () => {
  const { value } = await run(({ azure }) => azure.chat.completions.create(ask('Hello', 'prod')), {
    faults: [{ when: {}, effect: { finishAfterTokens: 5, finish: 'content_filter' } }],
  });
  expect(value.choices[0]?.finish_reason).toBe('content_filter');
});

test('the first chunk of a stream has no choice; with the asynchronous filter a later one has no delta', async () => {
  const deployments = { prod: { model: 'gpt-5.4-mini', vendor: 'azure', asyncFilter: true } } as const;
  const { value } = await run(
    async ({ azure }) => {
      const chunks = [];
      const stream = await azure.chat.completions.create({ ...ask('Hello', 'prod'), stream: true });
      for await (const chunk of stream) chunks.push(chunk);
      return chunks;
    },
    { deployments },
  );
  expect(value[0]).toMatchObject({ id: '', model: '', object: '', created: 0, choices: [] });
  expect((value[0] as Filtered).prompt_filter_results).toHaveLength(1);
  const odd = value.filter((chunk) => chunk.choices[0] && !('delta' in chunk.choices[0]));
  expect(odd).toHaveLength(1);
  expect(odd[0]?.choices[0]).toMatchObject({ content_filter_offsets: { start_offset: 0 } });
});
