import type { CacheOptions, CacheStats, SetOptions } from '#course/day3-caching/contracts/bounded-cache.ts';

interface Entry<V> {
  value: V;
  cost: number;
  size: number;
  expiresMs: number;
  /** Reads since it came or was last spared, at most 3. */
  reads: number;
}

/** The part of the room for newcomers. */
const SMALL_SHARE = 0.1;

/**
 * Three queues, in which reads move nothing (S3-FIFO): a small one for newcomers, the main one for what was read in
 * there, and the names of what was let go lately. Who comes back while its name is remembered goes straight to main.
 */
export class BoundedCache<V> {
  readonly #small = new Map<string, Entry<V>>();
  readonly #main = new Map<string, Entry<V>>();
  readonly #ghosts = new Set<string>();
  readonly #options: CacheOptions;
  readonly #stats: CacheStats = { entries: 0, bytes: 0, hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };
  #smallBytes = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#small.get(key) ?? this.#main.get(key);
    if (!entry || entry.expiresMs <= performance.now()) {
      this.#stats.misses += 1;
      if (entry) this.#drop(key);
      return undefined;
    }
    entry.reads = Math.min(3, entry.reads + 1);
    this.#stats.hits += 1;
    this.#stats.savedMicroUsd += entry.cost;
    return entry.value;
  }

  set(key: string, value: V, options: SetOptions = {}): void {
    const { ttlMs = this.#options.ttlMs ?? Number.POSITIVE_INFINITY, cost = 0, size = 1 } = options;
    const returns = this.#main.has(key) || this.#ghosts.delete(key);
    this.#drop(key);
    if (size > this.#options.maxBytes) return;
    while (this.#stats.bytes + size > this.#options.maxBytes) this.#makeRoom();
    const entry = { value, cost, size, expiresMs: performance.now() + ttlMs, reads: 0 };
    (returns ? this.#main : this.#small).set(key, entry);
    if (!returns) this.#smallBytes += size;
    this.#stats.bytes += size;
  }

  stats(): CacheStats {
    return { ...this.#stats, entries: this.#small.size + this.#main.size };
  }

  /** One step: lets one entry go, or moves one that was read. */
  #makeRoom(): void {
    const fromSmall = this.#smallBytes > this.#options.maxBytes * SMALL_SHARE || this.#main.size === 0;
    const queue = fromSmall ? this.#small : this.#main;
    const [key] = queue.keys();
    const entry = queue.get(key as string) as Entry<V>;
    this.#drop(key as string);
    if (entry.reads > 0) {
      this.#main.set(key as string, { ...entry, reads: fromSmall ? 0 : entry.reads - 1 });
      this.#stats.bytes += entry.size;
      return;
    }
    this.#stats.evictions += 1;
    if (!fromSmall) return;
    this.#ghosts.add(key as string);
    const [oldest] = this.#ghosts.keys();
    if (this.#ghosts.size > this.#main.size) this.#ghosts.delete(oldest as string);
  }

  #drop(key: string): void {
    const entry = this.#small.get(key) ?? this.#main.get(key);
    if (!entry) return;
    this.#stats.bytes -= entry.size;
    if (this.#small.delete(key)) this.#smallBytes -= entry.size;
    this.#main.delete(key);
  }
}
