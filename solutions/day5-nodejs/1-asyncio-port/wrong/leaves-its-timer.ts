import { AsyncLocalStorage } from 'node:async_hooks';

export const rejectedBy = 'leaves no timer behind';

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

/** Aborts in time, and leaves the timer of each call that was quick enough set until its deadline. */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), ms);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
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
