import { expect, test } from 'vitest';
import { SERVICES_URL, type ServiceAnswer } from '#lib/provider';
import { run } from './support.ts';

const deployments = {
  'dall-e-3': { model: 'dall-e-3' },
  'tts-1': { model: 'tts-1' },
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
} as const;

test('an image is priced by quality and size, and a size that does not exist is refused', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const small = await openai.images.generate({ model: 'dall-e-3', prompt: 'a lamp' });
      await openai.images.generate({ model: 'dall-e-3', prompt: 'a lamp', quality: 'hd', size: '1792x1024' });
      const odd = openai.images.generate({ model: 'dall-e-3', prompt: 'a lamp', size: '256x256' });
      await expect(odd).rejects.toThrow(/makes no images/);
      return small;
    },
    { deployments },
  );
  expect(value.data?.[0]?.url).toMatch(/^https:/);
  expect(ledger.calls.map((call) => call.costMicroUsd)).toEqual([40_000, 120_000, 0]);
});

test('speech is silence of the right length, billed by the character', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const say = (response_format: 'wav' | 'mp3' | 'pcm') =>
        openai.audio.speech.create({
          model: 'tts-1',
          voice: 'alloy',
          input: 'a'.repeat(30),
          response_format,
        });
      const opus = openai.audio.speech.create({
        model: 'tts-1',
        voice: 'alloy',
        input: 'x',
        response_format: 'opus',
      });
      await expect(opus).rejects.toThrow(/not simulated/);
      return [await say('wav'), await say('mp3'), await say('pcm')].map((each) =>
        each.headers.get('content-type'),
      );
    },
    { deployments },
  );
  expect(value).toEqual(['audio/wav', 'audio/mpeg', 'audio/pcm']);
  expect(ledger.calls[1]).toMatchObject({ units: 30, costMicroUsd: 450 });
});

test('a metered service bills what its free tier does not cover', async () => {
  const provider = {
    deployments: {},
    services: {
      search: { unit: 'request', usdPerUnit: 0.005, freeUnits: 3 },
      video: { unit: 'second', usdPerUnit: 0.1 },
    },
  };
  const { value, ledger } = await run(
    async () => {
      const use = async (name: string, units: unknown) => {
        const answer = await fetch(`${SERVICES_URL}/${name}`, {
          method: 'POST',
          body: JSON.stringify({ units }),
        });
        return (await answer.json()) as ServiceAnswer;
      };
      const bad = await fetch(`${SERVICES_URL}/search`, { method: 'POST', body: '{}' });
      const unknown = await fetch(`${SERVICES_URL}/nothing`, { method: 'POST', body: '{"units":1}' });
      expect([bad.status, unknown.status]).toEqual([400, 404]);
      return [await use('search', 2), await use('search', 2), await use('video', 5)];
    },
    { provider },
  );
  expect(value.map((each) => [each.billed_units, each.cost_usd])).toEqual([
    [0, 0],
    [1, 0.005],
    [5, 0.5],
  ]);
  expect(ledger.totals().costMicroUsd).toBe(505_000);
});

test('models are listed and found; other routes say that they are not simulated', async () => {
  await run(
    async ({ openai }) => {
      const listed: string[] = [];
      for await (const each of openai.models.list()) listed.push(each.id);
      // OpenAI, deprecations: gpt-4o-mini ends on 14 January 2027.
      expect(await openai.models.retrieve('gpt-4o-mini')).toMatchObject({ shutdown_date: '2027-01-14' });
      expect(listed).toEqual(['dall-e-3', 'tts-1', 'gpt-4o-mini', 'gpt-4o-mini-2024-07-18']);
      expect(await openai.models.retrieve('tts-1')).toMatchObject({ object: 'model', id: 'tts-1' });
      await expect(openai.models.retrieve('gpt-9')).rejects.toMatchObject({ status: 404 });
      const unknown = openai.get('/fine_tuning/jobs');
      await expect(unknown).rejects.toThrow(/GET \/v1\/fine_tuning\/jobs\). This route is not simulated/);
    },
    { deployments },
  );
});

test('a moderation flags what a word of a category is in, text by text, and costs nothing', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const texts = await openai.moderations.create({ input: ['Hello there', 'I will kill the process'] });
      const [parts] = (
        await openai.moderations.create({
          model: 'omni-moderation-latest',
          input: [
            { type: 'text', text: 'A murder of crows' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
        })
      ).results;
      return { texts, parts };
    },
    { deployments },
  );
  expect(value.texts.results.map(({ flagged }) => flagged)).toEqual([false, true]);
  expect(value.texts.results[1]?.categories.violence).toBe(true);
  expect(value.texts.results[0]?.category_scores.violence).toBeLessThan(0.01);
  expect(value.parts?.category_applied_input_types.violence).toEqual(['text', 'image']);
  expect(ledger.totals().costMicroUsd).toBe(0);
});
