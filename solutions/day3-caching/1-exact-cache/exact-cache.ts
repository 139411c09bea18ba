import { createHash } from 'node:crypto';
import type { Answer, Call, ChatRequest, Scope, Store } from '#course/day3-caching/contracts/exact-cache.ts';

/** Fields that say who asks, how it is sent and how it is billed: none of them changes the answer. */
const NOT_PART_OF_THE_QUESTION = new Set(['user', 'metadata', 'store', 'stream', 'stream_options']);

/** How a choice ends that has come to its end. */
const WHOLE = new Set(['stop', 'tool_calls']);

/** The name under which the answer to a request is kept. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  const fields = Object.entries(request).filter(([name]) => !NOT_PART_OF_THE_QUESTION.has(name));
  const messages = request.messages.map((message) =>
    typeof message.content === 'string' ? { ...message, content: message.content.trim() } : message,
  );
  const question = canonical({ ...Object.fromEntries(fields), messages });
  const key = JSON.stringify([scope.tenant, scope.promptVersion, question]);
  return createHash('sha256').update(key).digest('hex');
}

/** The same value with the fields of every object in one order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, canonical(inner)]));
}

/** The same call, but a request that has been answered before is answered from the store. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  return async (request, options) => {
    if (request.stream || wantsAnother(request, scope)) return call(request, options);
    const key = cacheKey(request, scope);
    const hit = await store.get(key);
    if (hit) return hit;
    const answer = (await call(request, options)) as Answer;
    if (isWorthKeeping(answer, request)) await store.set(key, answer);
    return answer;
  };
}

/** A model that thinks takes no temperature, so one that is left out says nothing. */
function wantsAnother({ temperature }: ChatRequest, { fresh = false }: Scope): boolean {
  return fresh || (temperature ?? 0) > 0;
}

/** Whole, and written by the model that was asked: its name, or its name with a date. */
function isWorthKeeping(answer: Answer, request: ChatRequest): boolean {
  const model = answer.model.replace(/-\d{4}-\d\d-\d\d$/, '');
  return answer.choices.every(({ finish_reason }) => WHOLE.has(finish_reason)) && model === request.model;
}
