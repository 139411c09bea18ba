import type { CacheOptions, CacheStats, SetOptions } from '#course/day3-caching/contracts/bounded-cache.ts';

interface Entry<V> {
  value: V;
  cost: number;
  size: number;
  expiresMs: number;
}

/** The part of the room for what was asked for again while it was on trial. */
const PROVEN_SHARE = 0.8;

/** Two lists in order of last use (segmented LRU): newcomers on trial, and what has proven itself. */
export class BoundedCache<V> {
  readonly #trial = new Map<string, Entry<V>>();
  readonly #proven = new Map<string, Entry<V>>();
  readonly #options: CacheOptions;
  readonly #counts = { hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };
  #bytes = 0;
  #provenBytes = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#trial.get(key) ?? this.#proven.get(key);
    if (entry && entry.expiresMs > performance.now()) {
      this.#counts.hits += 1;
      this.#counts.savedMicroUsd += entry.cost;
      this.#prove(key, entry);
      return entry.value;
    }
    this.#counts.misses += 1;
    if (entry) this.#remove(key);
    return undefined;
  }

  set(key: string, value: V, { ttlMs = this.#options.ttlMs, cost = 0, size = 1 }: SetOptions = {}): void {
    const isProven = this.#proven.has(key);
    this.#remove(key);
    if (size > this.#options.maxBytes) return;
    const entry = { value, cost, size, expiresMs: performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY) };
    this.#trial.set(key, entry);
    this.#bytes += size;
    if (isProven) this.#prove(key, entry);
    while (this.#bytes > this.#options.maxBytes) this.#evict();
  }

  stats(): CacheStats {
    return { entries: this.#trial.size + this.#proven.size, bytes: this.#bytes, ...this.#counts };
  }

  /** To the young end of the proven; whoever no longer fits there goes back on trial, to its young end. */
  #prove(key: string, entry: Entry<V>): void {
    if (!this.#proven.delete(key)) this.#provenBytes += entry.size;
    this.#trial.delete(key);
    this.#proven.set(key, entry);
    while (this.#provenBytes > this.#options.maxBytes * PROVEN_SHARE) {
      const [oldest] = this.#proven as Iterable<[string, Entry<V>]>;
      const [name, demoted] = oldest as [string, Entry<V>];
      this.#proven.delete(name);
      this.#provenBytes -= demoted.size;
      this.#trial.set(name, demoted);
    }
  }

  /** The proven leave a part of the room free, so that somebody is on trial. */
  #evict(): void {
    const [oldest] = this.#trial.keys();
    this.#remove(oldest as string);
    this.#counts.evictions += 1;
  }

  #remove(key: string): void {
    const entry = this.#trial.get(key) ?? this.#proven.get(key);
    if (!entry) return;
    this.#bytes -= entry.size;
    this.#trial.delete(key);
    if (this.#proven.delete(key)) this.#provenBytes -= entry.size;
  }
}
