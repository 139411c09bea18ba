import { expect, test } from 'vitest';
import { ask, run } from './support.ts';

test('a deployment that buffers sends several tokens in a chunk; answer, bill and end are the same', async () => {
  const [single, buffered] = [await stream(1), await stream(6)];
  expect(buffered.text).toBe(single.text);
  expect(buffered.call?.tokens).toEqual(single.call?.tokens);
  expect(buffered.call?.endMs).toBe(single.call?.endMs);
  expect(buffered.chunks).toBeLessThan(single.chunks / 3);
  // The first chunk is there when its last token is.
  expect(buffered.call?.firstTokenMs).toBeGreaterThan(single.call?.firstTokenMs as number);
});

test('a reader that leaves a buffered stream pays for the chunks that were sent', async () => {
  const { ledger } = await run(
    async ({ openai }) => {
      for await (const { choices } of await openai.chat.completions.create({ ...ask('Hello'), stream: true }))
        if (choices[0]?.delta.content) break;
    },
    { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', chunkTokens: 6 } } },
  );
  const [call] = ledger.calls;
  expect(call?.outcome).toBe('aborted');
  expect(call?.tokens.output).toBeGreaterThanOrEqual(6);
  expect(call?.tokens.output).toBeLessThan(20);
});

async function stream(chunkTokens: number) {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const texts: string[] = [];
      for await (const { choices } of await openai.chat.completions.create({ ...ask('Hello'), stream: true }))
        if (choices[0]?.delta.content) texts.push(choices[0].delta.content);
      return texts;
    },
    { deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', chunkTokens } } },
  );
  return { text: value.join(''), chunks: value.length, call: ledger.calls[0] };
}
