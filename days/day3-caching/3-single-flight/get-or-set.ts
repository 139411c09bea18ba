import type { Cache } from '#course/day3-caching/contracts/get-or-set.ts';

export function createCache<V>(): Cache<V> {
  const entries = new Map<string, { value: V; freshUntilMs: number }>();
  return {
    async getOrSet({ tenant, key }, make, { ttlMs, signal = new AbortController().signal }) {
      const name = JSON.stringify([tenant, key]);
      const entry = entries.get(name);
      if (entry && performance.now() < entry.freshUntilMs) return entry.value;
      // TODO: while this waits, everybody who comes finds nothing and asks as well.
      const value = await make(signal);
      entries.set(name, { value, freshUntilMs: performance.now() + ttlMs });
      return value;
    },
  };
}
