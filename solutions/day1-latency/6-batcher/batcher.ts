import type { Batcher, BatcherOptions } from '#course/day1-latency/contracts/batcher.ts';

/** One place in a call: a key and those who wait for its value. */
interface Place<K, V> {
  key: K;
  promise: Promise<V>;
  resolve(value: V): void;
  reject(error: unknown): void;
}

/**
 * Turns single requests into calls for many. `loadMany` returns a value or an Error for each key, in their order;
 * it rejects when the provider refuses the whole call.
 */
export function createBatcher<K, V>(
  loadMany: (keys: K[]) => Promise<(V | Error)[]>,
  { maxSize, maxWaitMs, keyOf }: BatcherOptions<K>,
): Batcher<K, V> {
  let filling = new Map<string, Place<K, V>>();
  let timer: NodeJS.Timeout | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;

  return {
    load(key) {
      // The last gap predicts the next: after a long one nobody is expected, and waiting would buy nothing.
      const expectsOthers = performance.now() - lastMs <= maxWaitMs;
      lastMs = performance.now();
      const name = keyOf(key);
      const place = filling.get(name) ?? newPlace<K, V>(key);
      filling.set(name, place);
      if (filling.size === maxSize) send();
      else timer ??= setTimeout(send, expectsOthers ? maxWaitMs : 0);
      return place.promise;
    },
  };

  /** Takes everything that waits, and the timer with it: nothing stays behind without one. */
  function send(): void {
    const places = [...filling.values()];
    filling = new Map();
    clearTimeout(timer);
    timer = undefined;
    void settle(places);
  }

  /** Never rejects. A refused call is tried again in halves, until the one key that is to blame stands alone. */
  async function settle(places: Place<K, V>[]): Promise<void> {
    try {
      const values = await loadMany(places.map(({ key }) => key));
      places.forEach(({ resolve, reject }, i) => {
        const value = values[i] as V | Error;
        if (value instanceof Error) reject(value);
        else resolve(value);
      });
    } catch (error) {
      if (places.length <= 1) return places[0]?.reject(error);
      const half = Math.ceil(places.length / 2);
      await Promise.all([settle(places.slice(0, half)), settle(places.slice(half))]);
    }
  }
}

function newPlace<K, V>(key: K): Place<K, V> {
  const place = { key } as Place<K, V>;
  place.promise = new Promise((resolve, reject) => Object.assign(place, { resolve, reject }));
  return place;
}

/** What a message is called: two messages with the same name are answered once. */
export function messageKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?]+$/, '')
    .trim();
}
