import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '#course/day5-nodejs/contracts/port.ts';

/** A semaphore with a line, as in Python, and a group that is told of the first failure. */
export async function gatherWithLimit<T>(
  limit: number,
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T[]> {
  const group = new AbortController();
  const line: (() => void)[] = [];
  let free = limit;
  const inTurn = async (task: (signal: AbortSignal) => Promise<T>) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      group.signal.throwIfAborted();
      return await task(group.signal);
    } catch (error) {
      group.abort(error);
      throw group.signal.reason;
    } finally {
      const next = line.shift();
      if (next) next();
      else free += 1;
    }
  };
  const outcomes = await Promise.allSettled(tasks.map(inTurn));
  group.signal.throwIfAborted();
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}

/** The time of the last use beside each call; the one that was not used for longest goes. */
export function lruCached<T>(
  maxSize: number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const cache = new Map<string, { call: Promise<T>; used: number }>();
  let uses = 0;
  return async (key) => {
    const entry = cache.get(key) ?? { call: load(key), used: 0 };
    entry.used = ++uses;
    cache.set(key, entry);
    if (cache.size > maxSize) {
      const [[oldest] = ['']] = [...cache].sort(([, a], [, b]) => a.used - b.used);
      cache.delete(oldest);
    }
    try {
      return await entry.call;
    } catch (error) {
      if (cache.get(key) === entry) cache.delete(key);
      throw error;
    }
  };
}

/** A race that aborts its loser and clears its timer: it also ends work that is deaf to its signal. */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new DOMException(`not done within ${ms} ms`, 'TimeoutError');
      reject(reason);
      controller.abort(reason);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** AsyncLocalStorage with a box, so that `undefined` can be a value too. */
export function requestContext<V>(): RequestContext<V> {
  const storage = new AsyncLocalStorage<{ value: V }>();
  return {
    run: (value, body) => storage.run({ value }, body),
    get: () => storage.getStore()?.value,
  };
}
