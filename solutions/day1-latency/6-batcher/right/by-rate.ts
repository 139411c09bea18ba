import type { Batcher, BatcherOptions } from '#course/day1-latency/contracts/batcher.ts';

/** How many arrivals the rate is measured on. */
const WINDOW = 4;

/**
 * Predicts from the rate of the last arrivals whether another will come in time, and shares an answer also with those
 * who ask while it is under way.
 */
export function createBatcher<K, V>(
  loadMany: (keys: K[]) => Promise<(V | Error)[]>,
  { maxSize, maxWaitMs, keyOf }: BatcherOptions<K>,
): Batcher<K, V> {
  const arrivals: number[] = [];
  const shared = new Map<string, Promise<V>>();
  let next: { keys: K[]; values: Promise<PromiseSettledResult<V>[]>; send(): void } | undefined;

  return {
    load(key) {
      const expected = othersExpected();
      const name = keyOf(key);
      const promise = shared.get(name) ?? join(key, expected).finally(() => shared.delete(name));
      shared.set(name, promise);
      return promise;
    },
  };

  function othersExpected(): number {
    arrivals.push(performance.now());
    if (arrivals.length > WINDOW) arrivals.shift();
    const overMs = performance.now() - (arrivals[0] ?? 0);
    return arrivals.length < 2 ? 0 : ((arrivals.length - 1) / Math.max(overMs, 1)) * maxWaitMs;
  }

  async function join(key: K, expected: number): Promise<V> {
    next ??= open(expected >= 1 ? maxWaitMs : 0);
    const batch = next;
    const place = batch.keys.push(key) - 1;
    if (batch.keys.length === maxSize) batch.send();
    const result = (await batch.values)[place] as PromiseSettledResult<V>;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  function open(waitMs: number) {
    const keys: K[] = [];
    let timer: NodeJS.Timeout;
    let send = () => {};
    const full = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
      send = () => {
        clearTimeout(timer);
        next = undefined;
        resolve();
      };
    });
    const values = full.then(() => {
      if (next?.keys === keys) next = undefined;
      return settled(keys);
    });
    return { keys, values, send };
  }

  async function settled(keys: K[]): Promise<PromiseSettledResult<V>[]> {
    try {
      return (await loadMany(keys)).map((value) =>
        value instanceof Error ? { status: 'rejected', reason: value } : { status: 'fulfilled', value },
      );
    } catch (reason) {
      if (keys.length === 1) return [{ status: 'rejected', reason }];
      const middle = keys.length >> 1;
      return (await Promise.all([settled(keys.slice(0, middle)), settled(keys.slice(middle))])).flat();
    }
  }
}

/** What a message is called: two messages with the same name are answered once. */
export function messageKey(text: string): string {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).join(' ');
  return words.replace(/[ .!?]+$/, '');
}
