import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import { leastEffort, modelFor, randomFor } from '#lib/provider';
import { countChatTokens } from '../../lib/provider/chat-tokens.ts';
import { drawPace } from '../../lib/provider/latency.ts';
import { findModel, type Model, type ModelName } from '../../lib/provider/models.ts';
import { priceOf } from '../../lib/provider/money.ts';
import { cachedTokensOf } from '../../lib/provider/prompt-scan.ts';
import type { PromptCachePlan } from '../../lib/provider/provider-plan.ts';
import { run } from './support.ts';

const RULES = Array.from({ length: 200 }, (_, i) => `Rule ${i}: answer briefly and name the source.`).join(
  '\n',
);

function chat(system: string, question: string, model = 'gpt-4o') {
  const messages = [
    { role: 'system' as const, content: system },
    { role: 'user' as const, content: question },
  ];
  return { model, messages, max_completion_tokens: 16 };
}

const DEPLOYMENTS = { 'gpt-4o': { model: 'gpt-4o' } } as const;
const minutes = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 60_000));

test('a shared prefix counts from 1,024 tokens in steps of 128', () => {
  // OpenAI cookbook (Prompt Caching 101) shows 1920 cached of a repeated prompt of 2006, Azure's docs 1408 of 1566.
  expect([2006, 1500, 1024, 1023].map(cachedTokensOf)).toEqual([1920, 1408, 1024, 0]);
});

test('a shared prefix is cached in steps of 128 from 1,024 tokens, faster and at half the price', async () => {
  const { value, ledger } = await run(
    async ({ openai }) => {
      const first = await openai.chat.completions.create(chat(RULES, 'What is rule 7?'));
      const second = await openai.chat.completions.create(chat(RULES, 'And what is rule 8?'));
      return [first, second].map(({ usage }) => usage?.prompt_tokens_details?.cached_tokens ?? -1);
    },
    { deployments: DEPLOYMENTS },
  );
  const shared = countChatTokens([{ role: 'system', content: RULES }]);
  expect(value[0]).toBe(0);
  expect(value[1]).toBe(cachedTokensOf(shared));
  const { input = 0, cached = 0, output = 0 } = ledger.calls[1]?.tokens ?? {};
  expect(ledger.calls[1]?.costPicoUsd).toBe((input - cached) * 2.5e6 + cached * 1.25e6 + output * 10e6);
});

test('one changed character at the start loses everything; a short prompt is never cached', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const cached = async (system: string) =>
        (await openai.chat.completions.create(chat(system, 'Hi'))).usage?.prompt_tokens_details
          ?.cached_tokens;
      const short = RULES.slice(0, 2000);
      await cached(RULES);
      return [await cached(`!${RULES}`), await cached(short), await cached(short)];
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value).toEqual([0, 0, 0]);
});

test('a prefix is forgotten after five idle minutes, kept by use, and dropped after an hour', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const hit = async () => {
        const { usage } = await openai.chat.completions.create(chat(RULES, 'Hi'));
        return (usage?.prompt_tokens_details?.cached_tokens ?? 0) > 0;
      };
      const hits = [await hit()];
      for (let i = 0; i < 14; i += 1) {
        await minutes(4);
        hits.push(await hit());
      }
      await minutes(4);
      hits.push(await hit());
      await minutes(6);
      hits.push(await hit());
      return hits;
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value).toEqual([false, ...Array(14).fill(true), false, false]);
});

test('requests sent together all start cold: a prefix can be reused once it has been read', async () => {
  const { ledger } = await run(
    async ({ openai }) => {
      const say = (i: number) => openai.chat.completions.create(chat(RULES, `Question ${i}`));
      await Promise.all([1, 2, 3].map(say));
      await say(4);
    },
    { deployments: DEPLOYMENTS },
  );
  expect(ledger.calls.map((call) => call.tokens.cached > 0)).toEqual([false, false, false, true]);
});

test('more than 15 requests a minute with one prefix and key spill over to a cold machine', async () => {
  const misses = async (keyOf: (i: number) => string | undefined) => {
    const { ledger } = await run(
      async ({ openai }) => {
        for (let i = 0; i < 30; i += 1) {
          const prompt_cache_key = keyOf(i);
          await openai.chat.completions.create({
            ...chat(RULES, `Q ${i}`),
            ...(prompt_cache_key && { prompt_cache_key }),
          });
        }
      },
      { deployments: { 'gpt-4o': { model: 'gpt-4o', latency: { ttftMs: 10, p95OverP50: 1.01 } } } },
    );
    return ledger.calls.filter((call) => call.tokens.cached === 0).length;
  };
  expect(await misses(() => undefined)).toBe(2);
  expect(await misses((i) => `team-${i % 2}`)).toBe(2);
  expect(await misses((i) => `request-${i}`)).toBe(30);
});

test('tools are part of the prefix: another order is a miss', async () => {
  const tool = (name: string) => ({
    type: 'function' as const,
    function: { name, description: RULES.slice(0, 3000) },
  });
  const { value } = await run(
    async ({ openai }) => {
      const cached = async (...names: string[]) => {
        const body = { ...chat(RULES, 'Hi'), tools: names.map(tool), tool_choice: 'none' as const };
        return (await openai.chat.completions.create(body)).usage?.prompt_tokens_details?.cached_tokens ?? 0;
      };
      return [await cached('a', 'b'), await cached('a', 'b'), await cached('b', 'a')];
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.map((cached) => cached > 0)).toEqual([false, true, false]);
});

test('caches are per deployment, and some plans have none', async () => {
  const { value } = await run(
    async ({ openai }) => {
      const cached = async (model: string) => {
        const body = { ...chat(RULES, 'Hi', model), max_completion_tokens: 5 };
        await openai.chat.completions.create(body);
        return (await openai.chat.completions.create(body)).usage?.prompt_tokens_details?.cached_tokens ?? 0;
      };
      return [await cached('gpt-4o'), await cached('gpt-4.1')];
    },
    {
      deployments: {
        'gpt-4o': { model: 'gpt-4o' },
        'gpt-4.1': { model: 'gpt-4.1', promptCache: false },
      },
    },
  );
  expect(value.map((cached) => cached > 0)).toEqual([true, false]);
});

// --- GPT-5.6 and later: breakpoints ------------------------------------------------------------------------------

const SMALL = modelFor('small');
const MARK = { prompt_cache_breakpoint: { mode: 'explicit' as const } };

interface Sent {
  /** A breakpoint behind the rules. */
  marked?: boolean;
  mode?: 'implicit' | 'explicit';
  key?: string;
  rules?: string;
  more?: object;
}

/** Rules and a question, as a living model takes them. */
function breakpointChat(
  question: string,
  { marked = false, mode, key = 'desk', rules = RULES, more }: Sent = {},
) {
  return {
    model: SMALL,
    max_completion_tokens: 400,
    reasoning_effort: leastEffort(SMALL),
    prompt_cache_key: key,
    ...(mode && { prompt_cache_options: { mode } }),
    messages: [
      { role: 'system' as const, content: [{ type: 'text' as const, text: rules, ...(marked && MARK) }] },
      { role: 'user' as const, content: question },
    ],
    ...more,
  } as ChatCompletionCreateParamsNonStreaming;
}

/** Sends one after the other and returns the input tokens of each: all, read and written. */
async function sendAll(
  bodies: readonly ChatCompletionCreateParamsNonStreaming[],
  { promptCache = {}, pauseMs = 0 }: { promptCache?: PromptCachePlan; pauseMs?: number } = {},
) {
  const { ledger } = await run(
    async ({ openai, clock }) => {
      for (const body of bodies) {
        await openai.chat.completions.create(body);
        await clock.sleep(pauseMs);
      }
    },
    { deployments: { small: { promptCache } } },
  );
  return ledger.calls.map(({ tokens, costPicoUsd }) => ({
    ...tokens,
    cacheWrite: tokens.cacheWrite ?? 0,
    costPicoUsd,
  }));
}

const rulesTokens = countChatTokens([{ role: 'system', content: RULES }]);

test('a changing tail reads nothing until the stable part is marked, and what is written has a price', async () => {
  const questions = ['First?', 'Second?'];
  const unmarked = await sendAll(questions.map((question) => breakpointChat(question)));
  const marked = await sendAll(questions.map((question) => breakpointChat(question, { marked: true })));
  // One automatic breakpoint at the end of the newest message; no fall-back to a shorter prefix without one
  // (OpenAI's guide, quoted in sernote/audit-prompt-caching#15).
  expect(unmarked.map(({ cached, input, cacheWrite }) => [cached, cacheWrite - input])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  // The boundary is exact, not rounded to steps of 128 (the SDK's own text).
  expect(marked[1]?.cached).toBe(rulesTokens);
  const [{ input = 0, cacheWrite = 0, output = 0, costPicoUsd = 0 } = {}] = marked;
  const price = priceOf(SMALL);
  const exact =
    (input - cacheWrite) * price.input + cacheWrite * (price.cacheWrite ?? 0) + output * price.output;
  expect(costPicoUsd).toBe(Math.round(exact * 1e6));
});

test('explicit mode writes what is marked and nothing else', async () => {
  const sent = { marked: true, mode: 'explicit' } as const;
  const [first, second] = await sendAll([breakpointChat('First?', sent), breakpointChat('Second?', sent)]);
  expect([first?.cacheWrite, first?.cached]).toEqual([rulesTokens, 0]);
  expect([second?.cacheWrite, second?.cached]).toEqual([0, rulesTokens]);
  const none = await sendAll(['First?', 'First?'].map((text) => breakpointChat(text, { mode: 'explicit' })));
  expect(none.map(({ cacheWrite, cached }) => cacheWrite + cached)).toEqual([0, 0]);
});

test('implicit mode as BerriAI/litellm#37628 measured it reads the messages that are the same, and writes the tail', async () => {
  const bodies = ['First?', 'Second?', 'Third?'].map((question) => breakpointChat(question));
  const [first, ...later] = await sendAll(bodies, { promptCache: { implicit: 'messages' } });
  expect(first?.cacheWrite).toBe(first?.input);
  for (const { cached, cacheWrite, input } of later) {
    expect(cached).toBe(rulesTokens);
    expect(cacheWrite).toBe(input - rulesTokens);
  }
});

test('a conversation that grows is read up to its last turn, whichever way implicit mode behaves', async () => {
  // agentcore-public-stack#956: implicit appends about what a turn adds.
  const turn = (role: 'user' | 'assistant', content: string) => ({ role, content });
  const talk = [turn('user', 'First?'), turn('assistant', 'Yes.'), turn('user', 'Second?')];
  const start = breakpointChat('').messages.slice(0, 1);
  const bodies = [1, 3].map((turns) =>
    breakpointChat('', { more: { messages: [...start, ...talk.slice(0, turns)] } }),
  );
  for (const implicit of ['whole', 'messages'] as const) {
    const [one, two] = await sendAll(bodies, { promptCache: { implicit } });
    expect(two?.cached).toBe(one?.input);
    expect(two?.cacheWrite).toBe((two?.input ?? 0) - (one?.input ?? 0));
  }
});

test('a breakpoint may stand inside a message, and is ignored in what an assistant said', async () => {
  const text = (content: string, mark = false) => ({
    type: 'text' as const,
    text: content,
    ...(mark && MARK),
  });
  const sent = (role: 'user' | 'assistant', last: string) =>
    breakpointChat('', {
      mode: 'explicit',
      more: {
        messages: [
          { role, content: [text(RULES, true), ...(role === 'user' ? [text(last)] : [])] },
          ...(role === 'assistant' ? [{ role: 'user' as const, content: last }] : []),
        ],
      },
    });
  const [, user] = await sendAll([sent('user', 'One'), sent('user', 'Two')]);
  expect(user?.cached).toBe(rulesTokens);
  // noppu-labs/opencode-cache-manager, one report.
  const [, assistant] = await sendAll([sent('assistant', 'One'), sent('assistant', 'Two')]);
  expect(assistant?.cached).toBe(0);
});

test('breakpoints do nothing without a key, and nothing below 1,024 tokens', async () => {
  const second = async (sent: Sent) =>
    (
      await sendAll(
        ['One', 'Two'].map((text) => breakpointChat(text, { marked: true, mode: 'explicit', ...sent })),
      )
    )[1];
  expect((await second({}))?.cached).toBe(rulesTokens);
  // "You must set it" (sernote/audit-prompt-caching#15).
  expect((await second({ key: '' }))?.cached).toBe(0);
  const words = (count: number) => 'word '.repeat(count).trim();
  const frame = countChatTokens([{ role: 'system', content: words(1) }]) - 1;
  expect((await second({ rules: words(1024 - frame) }))?.cached).toBe(1024);
  expect((await second({ rules: words(1023 - frame) }))?.cached).toBe(0);
});

test.for([
  ['parallel_tool_calls', { parallel_tool_calls: false }],
  ['the format of the answer', { response_format: { type: 'json_object' } }],
  ['the effort', { reasoning_effort: 'high' }],
  ['the verbosity', { verbosity: 'low' }],
  ['the service tier', { service_tier: 'flex' }],
  ['a tool', { tools: [{ type: 'function', function: { name: 'other' } }] }],
] as const)('another value of %s breaks the prefix', async ([, more]) => {
  // OpenAI's guide of 4 November 2026; the tier: its page on cache diagnostics.
  // Tools are refused together with an effort.
  const tools = !('reasoning_effort' in more) && [{ type: 'function', function: { name: 'find' } }];
  const sent = (question: string, changes: object = {}) =>
    breakpointChat(question, {
      marked: true,
      mode: 'explicit',
      more: { ...(tools && { tools, tool_choice: 'none' }), ...changes },
    });
  const [, again, changed] = await sendAll([sent('One'), sent('Two'), sent('Three, as json', more)]);
  expect(again?.cached).toBeGreaterThan(1024);
  expect(changed?.cached).toBe(0);
});

test('what is written for twelve hours has a price of its own and outlives the night', async () => {
  const kept = (ttl: string) => ({ prompt_cache_options: { mode: 'explicit', ttl } });
  const twice = (ttl: string) =>
    sendAll(
      ['One', 'Two'].map((text) => breakpointChat(text, { marked: true, more: kept(ttl) })),
      { pauseMs: 11 * 3_600_000 },
    );
  const [long, found] = await twice('12h');
  const [short, lost] = await twice('30m');
  expect([found?.cached, lost?.cached]).toEqual([rulesTokens, 0]);
  const { cacheWrites = {} } = priceOf(SMALL);
  const dearer = ((cacheWrites['12h'] ?? 0) - (cacheWrites['30m'] ?? 0)) * rulesTokens;
  expect((long?.costPicoUsd ?? 0) - (short?.costPicoUsd ?? 0)).toBe(Math.round(dearer * 1e6));
});

test.for([
  ['options on a family without breakpoints', 'gpt-5.4', { prompt_cache_options: { mode: 'explicit' } }],
  ['the policy "in_memory"', 'gpt-5.6-luna', { prompt_cache_retention: 'in_memory' }],
  ['a lifetime that nobody has named a price for', 'gpt-5.6-luna', { prompt_cache_options: { ttl: '12h' } }],
  ['a lifetime that is not sold', SMALL, { prompt_cache_options: { ttl: '1h' } }],
  // langchain-ai/langchainjs#11735: the API takes the underscore only.
  ['the policy "in-memory"', 'gpt-5.1', { prompt_cache_retention: 'in-memory' }],
] as const)('%s is refused with 400', async ([, model, more]) => {
  expect(await refusal(model, more)).toMatchObject({ status: 400 });
});

test.for([
  // The words: community.openai.com 1387096.
  ['in_memory', 'gpt-5.5', 'compatible only with 24h'],
  ['in_memory', SMALL, 'compatible only with 24h'],
  // Whose models the guide names for 24 hours: affaan-m/ECC#3173 quotes it. The words: SparkyFitness#2199.
  ['24h', 'gpt-4o', 'prompt_cache_retention is not supported on this model'],
  ['24h', 'gpt-5-mini', 'prompt_cache_retention is not supported on this model'],
] as const)('the policy "%s" on %s is refused', async ([prompt_cache_retention, model, words]) => {
  for (const api of ['chat', 'responses'] as const)
    expect(await refusal(model, { prompt_cache_retention }, api)).toMatchObject({
      param: 'prompt_cache_retention',
      code: 'invalid_parameter',
      message: expect.stringContaining(words),
    });
});

test('a policy and a lifetime together are refused', async () => {
  // "Setting both on the same request is rejected by OpenAI": langchain4j 1.21, OpenAiOfficialPromptCacheOptions.
  const both = { prompt_cache_retention: '24h', prompt_cache_options: { ttl: '30m' } };
  expect(await refusal(SMALL, both)).toMatchObject({ status: 400, param: 'prompt_cache_retention' });
  expect(await refusal(SMALL, { prompt_cache_retention: '24h' })).toBeUndefined();
});

test.for(['gpt-4.1', 'gpt-5.5'] as const)(
  'a breakpoint on %s, which knows none, is refused',
  async (model) => {
    // The words: Kilo-Org/kilocode#13052.
    for (const api of ['chat', 'responses'] as const) {
      const block = { type: api === 'chat' ? 'text' : 'input_text', text: 'Hi', ...MARK };
      const said = [{ role: 'user', content: [block] }];
      expect(await refusal(model, api === 'chat' ? { messages: said } : { input: said }, api)).toMatchObject({
        status: 400,
        code: 'invalid_parameter',
        message: '400 prompt_cache_breakpoint is not supported on this model',
      });
    }
  },
);

test('a breakpoint must say that it is one', async () => {
  const marked = (mark: object) => ({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', prompt_cache_breakpoint: mark }] }],
  });
  expect(await refusal(SMALL, marked({ mode: 'implicit' }))).toMatchObject({ status: 400 });
  expect(await refusal(SMALL, marked({ mode: 'explicit', ttl: '1h' }))).toMatchObject({ status: 400 });
  expect(await refusal(SMALL, marked({ mode: 'explicit', ttl: '12h' }))).toBeUndefined();
});

/** What a model answers to fields of either API: the refusal, or undefined. */
async function refusal(model: ModelName, more: object, api: 'chat' | 'responses' = 'chat'): Promise<unknown> {
  const { value } = await run(
    ({ openai }) =>
      (api === 'chat'
        ? openai.chat.completions.create({ ...chat('Be brief.', 'Hi', model), ...more } as never)
        : openai.responses.create({ model, input: 'Hi', ...more } as never)
      ).then(
        () => undefined,
        (error: unknown) => error,
      ),
    { deployments: { [model]: { model } } },
  );
  return value;
}

test.for([
  // In memory for minutes, by policy for a day (Prompt caching guide, models before GPT-5.6).
  ['gpt-5.1', undefined, 23, 0],
  ['gpt-5.1', '24h', 23, 1],
  ['gpt-5.1', '24h', 25, 0],
  // It has the 24-hour policy only.
  ['gpt-5.5', undefined, 23, 1],
] as const)('%s with retention %s, %i hours later: %i of 1 found', async ([model, policy, hours, found]) => {
  const body = { ...chat(RULES, 'Hi', model), ...(policy && { prompt_cache_retention: policy }) };
  const { ledger } = await run(
    async ({ openai }) => {
      await openai.chat.completions.create(body);
      await minutes(hours * 60);
      await openai.chat.completions.create(body);
    },
    { deployments: { [model]: { model } } },
  );
  expect(ledger.calls[1]?.tokens.cached ?? 0).toBe(
    found * cachedTokensOf(ledger.calls[0]?.tokens.input ?? 0),
  );
});

/** One user message of marked blocks, the first of them the rules. */
function blocks(
  marks: readonly ({ ttl?: string } | null)[],
  more: object = {},
): ChatCompletionCreateParamsNonStreaming {
  const content = marks.map((mark, i) => ({
    type: 'text' as const,
    text: i === 0 ? RULES : ` Block ${i} of the same text.`,
    ...(mark && { prompt_cache_breakpoint: { mode: 'explicit', ...mark } }),
  }));
  return breakpointChat('', {
    mode: 'explicit',
    more: { messages: [{ role: 'user', content }], ...more },
  });
}

test('breakpoints of one prompt have lifetimes of their own, each at its own price', async () => {
  // learn.microsoft.com, @azure/ai-projects, PromptCacheBreakpointConfig: left out, it is the request's.
  const both = blocks([{ ttl: '12h' }, {}]);
  const [first] = await sendAll([both]);
  const { cacheWrite = 0, cacheWrite12h = 0, input = 0, output = 0 } = first ?? {};
  expect(cacheWrite).toBeGreaterThan(cacheWrite12h);
  const price = priceOf(SMALL);
  const exact =
    (input - cacheWrite) * price.input +
    cacheWrite12h * (price.cacheWrites?.['12h'] ?? 0) +
    (cacheWrite - cacheWrite12h) * (price.cacheWrites?.['30m'] ?? 0) +
    output * price.output;
  expect(first?.costPicoUsd).toBe(Math.round(exact * 1e6));
  // Eleven hours later the long one is found, the short one is not.
  const [, later] = await sendAll([both, both], { pauseMs: 11 * 3_600_000 });
  expect([later?.cached, later?.cacheWrite]).toEqual([cacheWrite12h, cacheWrite - cacheWrite12h]);
  // The request's lifetime holds for those that have none.
  const [inherited] = await sendAll([
    blocks([{ ttl: '30m' }, {}], { prompt_cache_options: { mode: 'explicit', ttl: '12h' } }),
  ]);
  expect(inherited?.cacheWrite12h).toBe(inherited?.cacheWrite);
});

test('a request writes its latest four breakpoints, and looks for the latest eighty', async () => {
  // API description, in async-openai 0.42: "up to four", "up to the latest 80 breakpoints in the conversation".
  const marks = (count: number) => Array.from({ length: count }, () => ({}));
  const reads = async (firstMarks: number, thenMarks: number) =>
    (await sendAll([blocks(marks(firstMarks)), blocks(marks(thenMarks))]))[1]?.cached ?? 0;
  // The first of five is not written, so it is not found when it is the only one; the second is.
  expect(await reads(5, 1)).toBe(0);
  expect(await reads(5, 2)).toBeGreaterThan(1024);
  expect(await reads(1, 80)).toBeGreaterThan(1024);
  expect(await reads(1, 81)).toBe(0);
});

test('the saving in time to first token is what OpenAI measured: 7 % at 1,024 tokens, 67 % at 150,000', () => {
  const { latency } = findModel('gpt-4o') as Model;
  const saving = (tokens: number) => {
    const pace = drawPace({ ...latency, p95OverP50: 1.0001 }, tokens, randomFor('any'));
    return 1 - pace({ cachedTokens: tokens }).firstTokenMs / pace().firstTokenMs;
  };
  expect(saving(1024)).toBeCloseTo(0.07, 2);
  expect(saving(150_000)).toBeCloseTo(0.67, 2);
});

test('a prompt of exactly 1,024 tokens, as it is billed, is found again', async () => {
  const { value } = await run(
    async ({ openai, quote }) => {
      const words = (count: number) => chat('word '.repeat(count).trim(), 'Go');
      const count = 1024 - quote('openai', words(1)).inputTokens + 1;
      const usages = [];
      for (let i = 0; i < 2; i += 1) usages.push((await openai.chat.completions.create(words(count))).usage);
      return usages;
    },
    { deployments: DEPLOYMENTS },
  );
  expect(value.map((usage) => usage?.prompt_tokens)).toEqual([1024, 1024]);
  expect(value[1]?.prompt_tokens_details?.cached_tokens).toBe(1024);
});
