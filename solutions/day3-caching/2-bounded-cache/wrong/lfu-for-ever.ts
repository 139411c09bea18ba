export interface CacheOptions {
  /** The sizes of all entries together stay within this. */
  maxBytes: number;
  /** How long an entry lives when `set` does not say. Default: as long as there is room. */
  ttlMs?: number;
}

export interface SetOptions {
  ttlMs?: number;
  /** What it would cost to make the value again, in micro-dollars. */
  cost?: number;
  /** Bytes that the value takes. Default 1. */
  size?: number;
}

export interface CacheStats {
  entries: number;
  bytes: number;
  hits: number;
  misses: number;
  evictions: number;
  /** The costs of the values that hits have spared. */
  savedMicroUsd: number;
}

export const rejectedBy = 'follows when other things are asked for, and saves dollars for its megabytes';

interface Entry<V> {
  value: V;
  cost: number;
  size: number;
  expiresMs: number;
  reads: number;
}

/** Evicts what was read least often and never lets the counts fade: last month's hits stay. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #options: CacheOptions;
  readonly #counts = { hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };
  /** Keys by how often they were read. */
  readonly #levels: Set<string>[] = [];
  #bytes = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry.expiresMs > performance.now()) {
      this.#counts.hits += 1;
      this.#counts.savedMicroUsd += entry.cost;
      this.#level(entry.reads).delete(key);
      entry.reads += 1;
      this.#level(entry.reads).add(key);
      return entry.value;
    }
    this.#counts.misses += 1;
    if (entry) this.#remove(key);
    return undefined;
  }

  set(key: string, value: V, { ttlMs = this.#options.ttlMs, cost = 0, size = 1 }: SetOptions = {}): void {
    this.#remove(key);
    if (size > this.#options.maxBytes) return;
    // Room is made first, or the newcomer, never read yet, would be the first to go.
    while (this.#bytes + size > this.#options.maxBytes) this.#evict();
    const expiresMs = performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY);
    this.#entries.set(key, { value, cost, size, expiresMs, reads: 0 });
    this.#level(0).add(key);
    this.#bytes += size;
  }

  stats(): CacheStats {
    return { entries: this.#entries.size, bytes: this.#bytes, ...this.#counts };
  }

  #level(reads: number): Set<string> {
    let level = this.#levels[reads];
    if (!level) {
      level = new Set();
      this.#levels[reads] = level;
    }
    return level;
  }

  #evict(): void {
    for (const level of this.#levels) {
      if (!level || level.size === 0) continue;
      const [key] = level.keys();
      this.#remove(key as string);
      this.#counts.evictions += 1;
      return;
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.size;
    this.#entries.delete(key);
    this.#level(entry.reads).delete(key);
  }
}
