import type { CacheOptions, CacheStats, SetOptions } from '#course/day3-caching/contracts/bounded-cache.ts';

type Entry<V> = { value: V; cost: number; expiresMs: number };

export class BoundedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #options: CacheOptions;
  readonly #counts = { hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    const isHit = entry !== undefined && entry.expiresMs > performance.now();
    this.#counts[isHit ? 'hits' : 'misses'] += 1;
    if (isHit) this.#counts.savedMicroUsd += entry.cost;
    return isHit ? entry.value : undefined;
  }

  set(key: string, value: V, { ttlMs = this.#options.ttlMs, cost = 0 }: SetOptions = {}): void {
    const expiresMs = performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY);
    this.#entries.set(key, { value, cost, expiresMs });
    // TODO: an answer of 20 KB counts as much as one of 200 bytes, and the oldest goes first, however often it is read.
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.maxBytes / 1000) this.#entries.delete(oldest as string);
  }

  stats(): CacheStats {
    return { entries: this.#entries.size, bytes: this.#entries.size * 1000, ...this.#counts };
  }
}
