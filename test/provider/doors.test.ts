import { OpenAI } from 'openai';
import { expect, test } from 'vitest';
import { createRealClock, createVirtualClock } from '#lib/clock';
import { createProvider, SIMULATED_KEY } from '#lib/provider';
import { type SeenRequest, serveProvider } from '../../lib/provider/doors/node.ts';
import { ask } from './support.ts';

const QUICK = { ttftMs: 15, outputPerSec: 3000, p95OverP50: 1.2 };
const plan = {
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini', latency: QUICK },
    chat: { model: 'gpt-5.4-mini', vendor: 'azure', latency: QUICK },
  },
} as const;

/** A provider on a free port, closed after the body. */
async function served(
  body: (url: string, provider: ReturnType<typeof createProvider>, seen: SeenRequest[]) => Promise<void>,
  options: { key?: string } & Partial<Parameters<typeof createProvider>[0]> = {},
): Promise<void> {
  const { key, ...rest } = options;
  const provider = createProvider({ plan, seed: 1, clock: createRealClock(), ...rest });
  const seen: SeenRequest[] = [];
  const onRequest = (request: SeenRequest) => seen.push(request);
  const server = await serveProvider(provider, { port: 0, onRequest, ...(key !== undefined && { key }) });
  try {
    await body(server.url, provider, seen);
  } finally {
    await server.close();
  }
}

/** A fetch of undici's own over the real loopback. */
const client = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });

test('all doors lead to one set of handlers: the same request gets the same answer', async () => {
  const clock = createVirtualClock();
  const own = createProvider({ plan, seed: 1, clock });
  const direct = await clock.run(() => own.clients().openai.chat.completions.create(ask('Hello')));
  await served(async (url) => {
    const overPort = await client(url).chat.completions.create(ask('Hello'));
    expect(overPort.choices).toEqual(direct.choices);
    expect(overPort.usage).toEqual(direct.usage);
    expect(overPort.id).toBe(direct.id);
  });
});

test('a client with the handed fetch runs beside the process, in virtual time, and only there', async () => {
  const clock = createVirtualClock();
  const provider = createProvider({ plan, seed: 1, clock });
  await clock.run(async () => {
    const openai = new OpenAI({ fetch: provider.fetch, apiKey: SIMULATED_KEY });
    await Promise.all(Array.from({ length: 100 }, (_, i) => openai.chat.completions.create(ask(`Q ${i}`))));
  });
  expect(provider.ledger.totals()).toMatchObject({ calls: 100, answered: 100 });
});

test('a ledger of totals keeps no call and adds up to the same', async () => {
  const totals = async (ledger: 'calls' | 'totals') => {
    const clock = createVirtualClock();
    const provider = createProvider({ plan, seed: 1, clock, ledger });
    await clock.run(async () => {
      const { openai } = provider.clients();
      for (let i = 0; i < 50; i += 1) await openai.chat.completions.create(ask(`Q ${i % 7}`));
    });
    return { kept: provider.ledger.calls.length, ...provider.ledger.totals() };
  };
  const all = await totals('calls');
  const sums = await totals('totals');
  expect(all.kept).toBe(50);
  expect(sums).toEqual({ ...all, kept: 0 });
});

test('over the port: whole, streamed, refused, unknown, and Azure by its own paths', async () => {
  await served(async (url, provider, seen) => {
    const openai = client(url);
    const whole = await openai.chat.completions.create(ask('Hello'));
    let text = '';
    for await (const chunk of await openai.chat.completions.create({
      ...ask('Hello'),
      stream: true,
      seed: 1,
    }))
      text += chunk.choices[0]?.delta.content ?? '';
    expect(text.length).toBeGreaterThan(20);
    expect(whole._request_id).toMatch(/^req_/);
    await expect(openai.chat.completions.create(ask('Hello', 'gpt-9'))).rejects.toMatchObject({
      status: 404,
    });
    const azure = await fetch(`${url}/openai/deployments/chat/chat/completions?api-version=2024-10-21`, {
      method: 'POST',
      headers: { 'api-key': 'any' },
      body: JSON.stringify({ messages: ask('Hello').messages }),
    });
    expect((await azure.json()).model).toBe('gpt-5.4-mini');
    const nowhere = await fetch(`${url}/nowhere`);
    expect([nowhere.status, (await nowhere.json()).error.message]).toEqual([
      404,
      expect.stringMatching(/simulated provider/),
    ]);
    const jobs = await fetch(`${url}/v1/fine_tuning/jobs`, { headers: { authorization: 'Bearer x' } });
    expect((await jobs.json()).error.message).toMatch(/not simulated/);
    expect(provider.ledger.totals().answered).toBe(3);
    expect(seen.map((each) => each.status)).toEqual([200, 200, 404, 200, 404, 404]);
  });
});

test('over the port: a client that leaves stops the answer; a dropped answer drops the connection', async () => {
  const faults = [{ when: { promptIncludes: 'drop' }, effect: { cutAfterTokens: 5 } }] as const;
  const slow = {
    deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini', latency: { ...QUICK, outputPerSec: 100 } } },
  } as const;
  await served(
    async (url, provider) => {
      const openai = client(url);
      const stream = await openai.chat.completions.create({ ...ask('Hello'), stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      const dropped = (async () => {
        for await (const _ of await openai.chat.completions.create({ ...ask('drop'), stream: true }));
      })();
      await expect(dropped).rejects.toThrow(/terminated|closed/);
      await expect
        .poll(() => provider.ledger.calls.map((call) => call.outcome))
        .toEqual(['aborted', 'broken']);
      expect(provider.ledger.calls[0]?.tokens.output).toBeLessThan(30);
    },
    { faults, plan: slow },
  );
});

test('over the port: a 429 is retried, files go up in parts, a key can be required', async () => {
  await served(
    async (url, provider) => {
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 2 });
      await openai.chat.completions.create(ask('Hello'));
      expect(provider.ledger.calls.map((call) => call.status)).toEqual([429, 200]);
      const file = await openai.files.create({ file: new File(['{}'], 'a.jsonl'), purpose: 'batch' });
      expect(await (await openai.files.content(file.id)).text()).toBe('{}');
      await expect(client(url).models.list()).rejects.toMatchObject({ status: 401 });
    },
    { key: 'secret', faults: [{ when: { ordinal: 1 }, effect: { error: 'rate_limit', retryAfterMs: 20 } }] },
  );
});

test('a port that is taken is refused with its code', async () => {
  await served(async (url, provider) => {
    const port = Number(new URL(url).port);
    await expect(serveProvider(provider, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
