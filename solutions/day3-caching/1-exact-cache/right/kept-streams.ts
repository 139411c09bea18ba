import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import type { Answer, Call, ChatRequest, Scope, Store } from '#course/day3-caching/contracts/exact-cache.ts';

type Chunk = OpenAI.ChatCompletionChunk;
type ToolCall = OpenAI.ChatCompletionMessageFunctionToolCall;

/** The name under which the answer to a request is kept: each value is hashed with its kind, and nothing is joined. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  const { user, metadata, store, stream, stream_options, messages, ...rest } = request;
  const said = messages.map(({ content, ...message }) => ({
    ...message,
    content: typeof content === 'string' ? content.trim() : content,
  }));
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) {
      hash.update(`${typeof value} ${JSON.stringify(value)}\n`);
      return;
    }
    const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value).sort();
    hash.update(`${Array.isArray(value) ? 'list' : 'object'} ${names.length}\n`);
    for (const name of names) {
      add(name);
      add(value[name as keyof typeof value]);
    }
  };
  add([scope.tenant, scope.promptVersion, rest, said]);
  return hash.digest('base64url');
}

/** The same call, but a request that has been answered before is answered from the store: streams are kept as well. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  return async (request, options) => {
    if (scope.fresh || (request.temperature ?? 0) > 0) return call(request, options);
    const key = cacheKey(request, scope);
    const keep = async (answer: Answer) => {
      if (isWhole(answer, request.model)) await store.set(key, answer);
    };
    const found = await store.get(key);
    if (found) return request.stream ? played(found) : found;
    const reply = await call(request, options);
    if (Symbol.asyncIterator in reply) return gathered(reply, keep);
    await keep(reply);
    return reply;
  };
}

function isWhole({ model, choices }: Answer, asked: string): boolean {
  const isAsked =
    model === asked || (model.startsWith(asked) && /^-\d{4}-\d\d-\d\d$/.test(model.slice(asked.length)));
  return isAsked && choices.every(({ finish_reason: end }) => end === 'stop' || end === 'tool_calls');
}

/** Hands each chunk on. Whoever leaves, and a connection that breaks, never comes to the line behind the loop. */
async function* gathered(
  stream: AsyncIterable<Chunk>,
  keep: (answer: Answer) => Promise<void>,
): AsyncGenerator<Chunk> {
  let answer: Answer | undefined;
  for await (const chunk of stream) {
    const { id, created, model } = chunk;
    answer ??= { id, created, model, object: 'chat.completion', choices: [] };
    for (const choice of chunk.choices) add(answer.choices, choice);
    yield chunk;
  }
  if (answer) await keep(answer);
}

function add(choices: Answer['choices'], { index, delta, finish_reason }: Chunk['choices'][number]): void {
  const message = { role: 'assistant' as const, content: null, refusal: null };
  // Until the end has come, it is taken for cut off.
  choices[index] ??= { index, message, finish_reason: 'length', logprobs: null };
  const choice = choices[index];
  if (delta.content) choice.message.content = (choice.message.content ?? '') + delta.content;
  for (const part of delta.tool_calls ?? []) {
    choice.message.tool_calls ??= [];
    const calls = choice.message.tool_calls as ToolCall[];
    calls[part.index] ??= { id: part.id ?? '', type: 'function', function: { name: '', arguments: '' } };
    const { function: called } = calls[part.index] as ToolCall;
    called.name += part.function?.name ?? '';
    called.arguments += part.function?.arguments ?? '';
  }
  if (finish_reason) choice.finish_reason = finish_reason;
}

/** A stored answer as the chunks of a stream. */
async function* played({ id, created, model, choices }: Answer): AsyncGenerator<Chunk> {
  const chunk = { id, created, model, object: 'chat.completion.chunk' as const };
  for (const { index, message, finish_reason } of choices) {
    const tool_calls = message.tool_calls?.map((call, at) => ({ ...(call as ToolCall), index: at }));
    const delta = { role: 'assistant' as const, content: message.content, ...(tool_calls && { tool_calls }) };
    yield { ...chunk, choices: [{ index, delta, finish_reason: null }] };
    yield { ...chunk, choices: [{ index, delta: {}, finish_reason }] };
  }
}
