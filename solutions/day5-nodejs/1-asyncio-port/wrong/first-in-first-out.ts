import { AsyncLocalStorage } from 'node:async_hooks';

export const rejectedBy = 'forgets the key that was not used for longest, and every failure';

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

/** Lets go of the key that came first, though it is the one that everybody asks for. */
export function lruCached<T>(
  maxSize: number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const cache = new Map<string, Promise<T>>();
  return (key) => {
    const known = cache.get(key);
    if (known) return known;
    const call = load(key);
    cache.set(key, call);
    call.catch(() => cache.delete(key));
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
