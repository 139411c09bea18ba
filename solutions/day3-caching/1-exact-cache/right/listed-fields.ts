import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import type { Answer, Call, ChatRequest, Scope, Store } from '#course/day3-caching/contracts/exact-cache.ts';

/** Only these decide about an answer. A field that is not listed here makes the request unfit for the cache. */
const DECIDES =
  'max_completion_tokens model n reasoning_effort response_format seed stop temperature tool_choice tools top_p verbosity';
const IGNORED = 'messages metadata store stream stream_options user';

/** The name under which the answer to a request is kept. Each part carries its length, so that no two can run together. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  const hash = createHash('sha256');
  const add = (part: string) => hash.update(`${part.length}.${part}`);
  add(scope.tenant);
  add(scope.promptVersion);
  for (const name of DECIDES.split(' ')) add(stable(request[name as keyof ChatRequest]));
  for (const { content, ...rest } of request.messages) {
    add(stable(rest));
    add(typeof content === 'string' ? `text ${content.trim()}` : stable(content));
  }
  return hash.digest('base64url');
}

function stable(value: unknown): string {
  const seen = new Set<string>();
  JSON.stringify(value, (name, inner) => {
    seen.add(name);
    return inner;
  });
  return JSON.stringify(value, [...seen].sort()) ?? '';
}

/** The same call, but a request that has been answered before is answered from the store. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  const known = new Set(`${DECIDES} ${IGNORED}`.split(' '));
  return async (request, options) => {
    const drawn = scope.fresh === true || Number(request.temperature ?? 0) > 0;
    const fits = !drawn && Object.keys(request).every((name) => known.has(name));
    if (!fits) return call(request, options);
    const key = cacheKey(request, scope);
    const hit = await store.get(key);
    if (hit) return request.stream ? played(hit) : hit;
    const reply = await call(request, options);
    // What the stand-in wrote is kept under its own name, where nobody who asks for the model looks.
    if ('choices' in reply && reply.choices.every(({ finish_reason }) => finish_reason === 'stop')) {
      const model = /^(.+?)(-\d{4}-\d\d-\d\d)?$/.exec(reply.model)?.[1] ?? reply.model;
      await store.set(cacheKey({ ...request, model }, scope), reply);
    }
    return reply;
  };
}

/** A stored answer as the chunks of a stream. */
async function* played({ choices, ...rest }: Answer): AsyncIterable<OpenAI.ChatCompletionChunk> {
  const { id, created, model } = rest;
  const chunk = { id, created, model, object: 'chat.completion.chunk' as const };
  for (const { index, message } of choices) {
    const delta = { role: 'assistant' as const, content: message.content ?? '' };
    yield { ...chunk, choices: [{ index, delta, finish_reason: null }] };
    yield { ...chunk, choices: [{ index, delta: {}, finish_reason: 'stop' }] };
  }
}
