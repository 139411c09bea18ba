import { createAzure } from '@ai-sdk/azure';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  type LanguageModelV3,
  type LanguageModelV3CallOptions,
  type LanguageModelV3Content,
  type LanguageModelV3StreamPart,
} from '@ai-sdk/provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRealClock } from '#lib/clock';
import { createProvider, type Provider } from '#lib/provider';
import { type Served, serveProvider } from '../../lib/provider/doors/node.ts';

/**
 * The Vercel AI SDK's clients for OpenAI and Azure, which share no code with the `openai` package, over a real socket.
 * They check every answer and every event of a stream against schemas of their own; what does not fit throws or
 * arrives as an error part.
 */
const latency = { ttftMs: 10, outputPerSec: 5000, p95OverP50: 1.2 };
const plan = {
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini', latency },
    'gpt-5-mini': { model: 'gpt-5-mini', latency },
    'text-embedding-3-small': { model: 'text-embedding-3-small', latency },
    'dall-e-3': { model: 'dall-e-3', latency },
    'tts-1': { model: 'tts-1', latency },
    chat: { model: 'gpt-5.4-mini', vendor: 'azure', latency },
    embeddings: { model: 'text-embedding-3-small', vendor: 'azure', latency },
  },
} as const;
let served: Served;
let provider: Provider;
let openai: ReturnType<typeof createOpenAI>;
let azure: ReturnType<typeof createAzure>;
let dated: ReturnType<typeof createAzure>;

beforeAll(async () => {
  const faults = [
    { when: { promptIncludes: 'overloaded' }, effect: { error: 'overloaded' } },
    { when: { promptIncludes: 'blocked' }, effect: { error: 'content_filter' } },
  ] as const;
  provider = createProvider({ plan, seed: 1, clock: createRealClock(), faults });
  served = await serveProvider(provider, { port: 0 });
  openai = createOpenAI({ baseURL: `${served.url}/v1`, apiKey: 'any' });
  azure = createAzure({ baseURL: `${served.url}/openai/v1`, apiKey: 'any' });
  dated = createAzure({
    baseURL: `${served.url}/openai`,
    apiKey: 'any',
    apiVersion: '2024-10-21',
    useDeploymentBasedUrls: true,
  });
});

afterAll(() => served.close());

function user(text: string): LanguageModelV3CallOptions['prompt'] {
  return [{ role: 'user', content: [{ type: 'text', text }] }];
}

async function partsOf(model: LanguageModelV3, options: LanguageModelV3CallOptions) {
  const { stream } = await model.doStream(options);
  const parts: LanguageModelV3StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

function textIn(content: LanguageModelV3Content[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

const TOOLS: LanguageModelV3CallOptions['tools'] = [
  {
    type: 'function',
    name: 'get_weather',
    description: 'Get the current weather in a city',
    inputSchema: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
];

/** Chat completions and the Responses API of both vendors. */
const MODELS: Record<string, () => LanguageModelV3> = {
  'OpenAI chat': () => openai.chat('gpt-4o-mini'),
  'OpenAI responses': () => openai.responses('gpt-4o-mini'),
  'OpenAI responses, reasoning': () => openai.responses('gpt-5-mini'),
  'Azure chat': () => azure.chat('chat'),
  'Azure chat, dated': () => dated.chat('chat'),
  'Azure responses': () => azure.responses('chat'),
};

test.for(Object.keys(MODELS))('%s: a text, whole and streamed, with usage', async (name) => {
  const model = MODELS[name]?.() as LanguageModelV3;
  const whole = await model.doGenerate({ prompt: user('Hello') });
  expect(textIn(whole.content).length).toBeGreaterThan(10);
  expect(whole.finishReason.unified).toBe('stop');
  expect(whole.usage.outputTokens.total).toBeGreaterThan(0);
  const parts = await partsOf(model, { prompt: user('Hello') });
  expect(parts.filter((part) => part.type === 'error')).toEqual([]);
  const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
  expect(text.length).toBeGreaterThan(10);
  const finish = parts.find((part) => part.type === 'finish');
  expect(finish?.usage.inputTokens.total).toBe(whole.usage.inputTokens.total);
  expect(finish?.finishReason.unified).toBe('stop');
});

test.for(Object.keys(MODELS))(
  '%s: a tool is called and its result answered, whole and streamed',
  async (name) => {
    const model = MODELS[name]?.() as LanguageModelV3;
    const prompt = user('What is the current weather in the city of Oslo?');
    const first = await model.doGenerate({ prompt, tools: TOOLS });
    expect(first.finishReason.unified).toBe('tool-calls');
    const call = first.content.find((part) => part.type === 'tool-call');
    if (!call) throw new Error('expected a tool call');
    expect(JSON.parse(call.input)).toHaveProperty('city');
    const parts = await partsOf(model, { prompt, tools: TOOLS });
    expect(parts.filter((part) => part.type === 'error')).toEqual([]);
    expect(parts.find((part) => part.type === 'tool-call')?.toolName).toBe('get_weather');
    const { toolCallId, toolName, input } = call;
    const second = await model.doGenerate({
      tools: TOOLS,
      prompt: [
        ...prompt,
        {
          role: 'assistant',
          content: [{ type: 'tool-call', toolCallId, toolName, input: JSON.parse(input) }],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: '18 degrees' } },
          ],
        },
      ],
    });
    expect(second.finishReason.unified).toBe('stop');
  },
);

test.for(Object.keys(MODELS))('%s: an object that fits its schema', async (name) => {
  const model = MODELS[name]?.() as LanguageModelV3;
  const schema = {
    type: 'object',
    properties: { topic: { type: 'string' }, count: { type: 'integer' } },
    required: ['topic', 'count'],
    additionalProperties: false,
  } as const;
  const { content } = await model.doGenerate({
    prompt: user('Classify'),
    responseFormat: { type: 'json', schema, name: 'topic' },
  });
  const object = JSON.parse(textIn(content));
  expect(typeof object.topic).toBe('string');
  expect(Number.isInteger(object.count)).toBe(true);
});

test.for(['openai', 'azure'] as const)('%s: embeddings and errors are read as such', async (vendor) => {
  const embedder =
    vendor === 'openai' ? openai.embedding('text-embedding-3-small') : azure.embedding('embeddings');
  const { embeddings, usage } = await embedder.doEmbed({ values: ['one', 'two'] });
  expect(embeddings.map((each) => each.length)).toEqual([1536, 1536]);
  expect(usage?.tokens).toBe(2);
  const model = vendor === 'openai' ? openai.chat('gpt-4o-mini') : azure.chat('chat');
  const say = async (text: string) => {
    try {
      return await model.doGenerate({ prompt: user(text) });
    } catch (error) {
      return error;
    }
  };
  const overloaded = await say('overloaded');
  expect(APICallError.isInstance(overloaded)).toBe(true);
  expect(overloaded).toMatchObject({ statusCode: 503, isRetryable: true });
  expect(await say('blocked')).toMatchObject({ statusCode: 400, isRetryable: false });
});

test('an image and speech', async () => {
  const options = { prompt: 'a lamp', n: 1, size: undefined, aspectRatio: undefined, seed: undefined };
  const image = await openai
    .image('dall-e-3')
    .doGenerate({ ...options, files: undefined, mask: undefined, providerOptions: {} });
  expect(image.images).toHaveLength(1);
  const speech = await openai.speech('tts-1').doGenerate({ text: 'Hello' });
  expect(speech.audio.length).toBeGreaterThan(100);
});

test('everything that this client asked for is in the ledger', () => {
  const surfaces = new Set(provider.ledger.calls.map((call) => call.surface));
  expect([...surfaces].sort()).toEqual(['chat', 'embeddings', 'images', 'responses', 'speech']);
});
