import type { Batcher, BatcherOptions } from '#course/day1-latency/contracts/batcher.ts';

interface Caller<K, V> {
  key: K;
  resolve(value: V): void;
  reject(error: unknown): void;
}

/** Nagle's rule: with no call under way a request goes at once; while one is, the others gather behind it. */
export function createBatcher<K, V>(
  loadMany: (keys: K[]) => Promise<(V | Error)[]>,
  { maxSize, maxWaitMs, keyOf }: BatcherOptions<K>,
): Batcher<K, V> {
  let underWay = 0;
  let callers: Caller<K, V>[] = [];
  let timer: NodeJS.Timeout | undefined;

  return {
    load: (key) =>
      new Promise((resolve, reject) => {
        callers.push({ key, resolve, reject });
        if (names(callers).size >= maxSize) flush();
        else timer ??= setTimeout(flush, underWay === 0 ? 0 : maxWaitMs);
      }),
  };

  function names(of: Caller<K, V>[]): Map<string, K> {
    return new Map(of.map(({ key }) => [keyOf(key), key]));
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = callers;
    callers = [];
    underWay += 1;
    void answer(batch).finally(() => {
      underWay -= 1;
    });
  }

  async function answer(batch: Caller<K, V>[]): Promise<void> {
    const keys = names(batch);
    const order = [...keys.keys()];
    let values: (V | Error)[];
    try {
      values = await loadMany([...keys.values()]);
    } catch (error) {
      if (order.length === 1) {
        for (const caller of batch) caller.reject(error);
        return;
      }
      const first = new Set(order.slice(0, order.length / 2));
      const inFirst = (caller: Caller<K, V>) => first.has(keyOf(caller.key));
      await answer(batch.filter(inFirst));
      await answer(batch.filter((caller) => !inFirst(caller)));
      return;
    }
    for (const { key, resolve, reject } of batch) {
      const value = values[order.indexOf(keyOf(key))] as V | Error;
      if (value instanceof Error) reject(value);
      else resolve(value);
    }
  }
}

/** What a message is called: two messages with the same name are answered once. */
export function messageKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?]+$/, '')
    .trim();
}
