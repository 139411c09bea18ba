import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '#course/day5-nodejs/contracts/port.ts';

/**
 * `asyncio.gather` behind a `Semaphore`, with the manners of a `TaskGroup`: results in the order of the tasks, at most
 * `limit` at a time. The first failure aborts the signal of the others, what has not begun never begins, and the
 * failure is thrown when all have ended.
 */
export async function gatherWithLimit<T>(
  limit: number,
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T[]> {
  const group = new AbortController();
  const results: T[] = [];
  const waiting = tasks.entries();
  let failure: { error: unknown } | undefined;
  const place = async () => {
    for (const [index, task] of waiting) {
      if (failure) return;
      try {
        results[index] = await task(group.signal);
      } catch (error) {
        failure ??= { error };
        group.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, place));
  if (failure) throw failure.error;
  return results;
}

/** `lru_cache(maxsize)` for calls: equal keys share one call, also while it is under way. Failures are not kept. */
export function lruCached<T>(
  maxSize: number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const cache = new Map<string, Promise<T>>();
  return (key) => {
    const known = cache.get(key);
    const call = known ?? load(key);
    // A Map keeps the order of insertion: whoever was asked for goes to its end.
    cache.delete(key);
    cache.set(key, call);
    if (!known) call.catch(() => cache.get(key) === call && cache.delete(key));
    const [oldest] = cache.keys();
    if (cache.size > maxSize && oldest !== undefined) cache.delete(oldest);
    return call;
  };
}

/** `asyncio.wait_for`: after `ms` the work's signal aborts and the promise rejects with an error named TimeoutError. */
export function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(ms);
  return new Promise((resolve, reject) => {
    // First, so that it rejects before the work answers the abort with an error of its own.
    deadline.addEventListener('abort', () => reject(deadline.reason), { once: true });
    work(deadline).then(resolve, reject);
  });
}

/** `ContextVar`: each request finds its own value, however they take turns. */
export function requestContext<V>(): RequestContext<V> {
  const storage = new AsyncLocalStorage<V>();
  return {
    run: (value, body) => storage.run(value, body),
    get: () => storage.getStore(),
  };
}
