import { createHash } from 'node:crypto';
import type { Answer, Call, ChatRequest, Scope, Store } from '#course/day3-caching/contracts/exact-cache.ts';

/** The name under which the answer to a request is kept. */
export function cacheKey(request: ChatRequest, scope: Scope): string {
  // TODO: two requests with the same last message are not the same request.
  void scope;
  const prompt = request.messages.at(-1)?.content;
  return createHash('sha256').update(`${request.model}:${prompt}`).digest('hex');
}

/** The same call, but a request that has been answered before is answered from the store. */
export function cached(call: Call, store: Store, scope: Scope): Call {
  return async (request, options) => {
    const key = cacheKey(request, scope);
    const hit = await store.get(key);
    if (hit) return hit;
    const answer = await call(request, options);
    await store.set(key, answer as Answer);
    return answer;
  };
}
