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
  // TODO: one task at a time, and a failure reaches nobody's signal.
  void limit;
  const results: T[] = [];
  for (const task of tasks) results.push(await task(new AbortController().signal));
  return results;
}

/** `lru_cache(maxsize)` for calls: equal keys share one call, also while it is under way. Failures are not kept. */
export function lruCached<T>(
  maxSize: number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  // TODO: this keeps everything for ever, and asks twice when two ask at the same time.
  void maxSize;
  const cache = new Map<string, T>();
  return async (key) => {
    if (!cache.has(key)) cache.set(key, await load(key));
    return cache.get(key) as T;
  };
}

/** `asyncio.wait_for`: after `ms` the work's signal aborts and the promise rejects with an error named TimeoutError. */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // TODO: the loser of this race runs on, and so does the timer.
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new DOMException('too late', 'TimeoutError')), ms);
  });
  return await Promise.race([work(new AbortController().signal), late]);
}

/** `ContextVar`: each request finds its own value, however they take turns. */
export function requestContext<V>(): RequestContext<V> {
  // TODO: one variable for all requests.
  let current: V | undefined;
  return {
    async run(value, body) {
      current = value;
      return await body();
    },
    get: () => current,
  };
}
