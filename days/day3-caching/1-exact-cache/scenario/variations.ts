import type OpenAI from 'openai';
import type { Request } from './meaning.ts';

type Field = keyof OpenAI.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.ChatCompletionMessageParam;

/** Fields that cannot change the answer: the same request with another one is found again. */
type Ignored = 'user' | 'metadata' | 'store' | 'stream' | 'stream_options';
/** How it is billed, cached by the provider, watched or sped up: whether a key holds them is left open. */
type LeftOpen =
  | 'prompt_cache_key'
  | 'prompt_cache_options'
  | 'prompt_cache_retention'
  | 'safety_identifier'
  | 'service_tier'
  | 'moderation'
  | 'prediction';
type Decides = Exclude<Field, Ignored | LeftOpen | 'messages' | 'temperature'>;

/** Two requests that are alike but for what the name says. */
export interface Pair {
  name: string;
  one: Request;
  other: Request;
}

/** Two values of each field that can change an answer. A field that the API has and this list has not is a type error. */
const DECIDES: Record<Decides, [unknown, unknown]> = {
  model: ['model-a', 'model-b'],
  audio: [
    { format: 'mp3', voice: 'alloy' },
    { format: 'mp3', voice: 'echo' },
  ],
  // Azure's.
  data_sources: [[searches('prices')], [searches('terms')]],
  frequency_penalty: [0, 1],
  function_call: ['none', 'auto'],
  functions: [[{ name: 'refund' }], [{ name: 'escalate' }]],
  logit_bias: [{ 50256: -100 }, { 50256: 100 }],
  logprobs: [false, true],
  max_completion_tokens: [100, 200],
  max_tokens: [100, 200],
  modalities: [['text'], ['text', 'audio']],
  n: [1, 2],
  parallel_tool_calls: [true, false],
  presence_penalty: [0, 1],
  reasoning_effort: ['low', 'high'],
  response_format: [schema('string'), schema('number')],
  seed: [1, 2],
  stop: [['\n'], [' ']],
  tool_choice: ['auto', 'required'],
  tools: [[tool('Refunds an order.')], [tool('Refunds an order, once.')]],
  top_logprobs: [1, 2],
  top_p: [0.2, 0.9],
  verbosity: ['low', 'high'],
  web_search_options: [{ search_context_size: 'low' }, { search_context_size: 'high' }],
};

const MESSAGES: Record<string, [Message[], Message[]]> = {
  'the picture': [[looksAt('a.png')], [looksAt('b.png')]],
  'the detail of a picture': [[looksAt('a.png', 'low')], [looksAt('a.png', 'high')]],
  'the text beside a picture': [[looksAt('a.png', 'low', 'Who?')], [looksAt('a.png', 'low', 'Where?')]],
  'the sound': [[hears('AAAA')], [hears('BBBB')]],
  'the file': [[reads('file-1')], [reads('file-2')]],
  "the sender's name": [[{ ...says('Hi.'), name: 'ann' }], [{ ...says('Hi.'), name: 'bob' }]],
  'the role of a message': [
    [{ role: 'developer', content: 'Be brief.' }, says('Hi.')],
    [{ role: 'user', content: 'Be brief.' }, says('Hi.')],
  ],
  'the order of messages': [
    [says('One.'), says('Two.')],
    [says('Two.'), says('One.')],
  ],
  'the arguments of a call': [
    [says('Hi.'), ...calls('1', 'call_1')],
    [says('Hi.'), ...calls('2', 'call_1')],
  ],
  'the call that a result is for': [
    [says('Hi.'), ...calls('1', 'call_1')],
    [says('Hi.'), ...calls('1', 'call_2')],
  ],
};

/** Requests that are not the same. */
export function differing(): Pair[] {
  const fields = Object.entries(DECIDES).map(([name, [one, other]]) => ({
    name: `\`${name}\``,
    one: asks({ [name]: one }),
    other: asks({ [name]: other }),
  }));
  const messages = Object.entries(MESSAGES).map(([name, [one, other]]) => ({
    name,
    one: asks({ messages: one }),
    other: asks({ messages: other }),
  }));
  return [...fields, ...messages];
}

/** Requests that are the same, written in two ways. */
export function alike(): Pair[] {
  const ordered = tool('Refunds an order.');
  const shuffled = reversed(ordered) as typeof ordered;
  const same: Record<Exclude<Ignored, 'stream' | 'stream_options'>, [unknown, unknown]> = {
    user: ['ann', 'bob'],
    metadata: [{ page: '1' }, { page: '2' }],
    store: [true, false],
  };
  return [
    ...Object.entries(same).map(([name, [one, other]]) => ({
      name: `\`${name}\``,
      one: asks({ [name]: one }),
      other: asks({ [name]: other }),
    })),
    {
      name: 'the order of fields inside a tool',
      one: asks({ tools: [ordered] }),
      other: asks({ tools: [shuffled] }),
    },
    {
      name: 'the order of fields',
      one: asks({ seed: 1, n: 1 }),
      other: reversed(asks({ seed: 1, n: 1 })) as Request,
    },
    {
      name: 'the white space around a message',
      one: asks({ messages: [says('Hi.')] }),
      other: asks({ messages: [says('\n Hi. \t')] }),
    },
  ];
}

/** The same value, with the fields of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).reverse();
  return Object.fromEntries(fields.map(([name, inner]) => [name, reversed(inner)]));
}

export function asks(fields: object): Request {
  return { model: 'model-a', messages: [says('Summarise the ticket.')], ...fields };
}

function says(content: string): OpenAI.ChatCompletionUserMessageParam {
  return { role: 'user', content };
}

function looksAt(url: string, detail?: 'low' | 'high', text = 'What is this?'): Message {
  const image = { type: 'image_url' as const, image_url: { url, ...(detail && { detail }) } };
  return { role: 'user', content: [{ type: 'text', text }, image] };
}

function hears(data: string): Message {
  return { role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'mp3' } }] };
}

function reads(file_id: string): Message {
  return { role: 'user', content: [{ type: 'file', file: { file_id } }] };
}

function calls(order: string, id: string): Message[] {
  const called = { name: 'refund', arguments: `{"order":${order}}` };
  return [
    { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: called }] },
    { role: 'tool', tool_call_id: id, content: 'Done.' },
  ];
}

function searches(index_name: string) {
  return { type: 'azure_search', parameters: { endpoint: 'https://search.example', index_name } };
}

function schema(type: string) {
  const json = { type: 'object', properties: { answer: { type } } };
  return { type: 'json_schema', json_schema: { name: 'answer', schema: json } };
}

function tool(description: string) {
  const parameters = { type: 'object', properties: { order: { type: 'number' } }, required: ['order'] };
  return { type: 'function', function: { name: 'refund', description, parameters } };
}
