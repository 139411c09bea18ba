import { AsyncLocalStorage } from 'node:async_hooks';

export const rejectedBy = 'has at most 4 tasks under way';

/** Takes promises for coroutines: `map` starts every task, and only the waiting is limited. */
export async function gatherWithLimit<T>(
  limit: number,
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T[]> {
  const group = new AbortController();
  const calls = tasks.map((task) => task(group.signal));
  const results: T[] = [];
  try {
    for (let start = 0; start < calls.length; start += limit)
      results.push(...(await Promise.all(calls.slice(start, start + limit))));
    return results;
  } catch (error) {
    group.abort(error);
    await Promise.allSettled(calls);
    throw error;
  }
}

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

export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(ms);
  try {
    return await work(deadline);
  } catch (error) {
    throw deadline.aborted ? deadline.reason : error;
  }
}

export interface RequestContext<V> {
  /** Runs `body`; all it calls and awaits finds `value`. */
  run<R>(value: V, body: () => Promise<R>): Promise<R>;
  /** The value of the request that is asking; undefined outside of one. */
  get(): V | undefined;
}

export function requestContext<V>(): RequestContext<V> {
  const storage = new AsyncLocalStorage<V>();
  return {
    run: (value, body) => storage.run(value, body),
    get: () => storage.getStore(),
  };
}
