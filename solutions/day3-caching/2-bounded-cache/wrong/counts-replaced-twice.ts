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

export const rejectedBy = 'keeps its bytes within the limit, and counts truly';

interface Entry<V> {
  value: V;
  cost: number;
  size: number;
  expiresMs: number;
}

/** Adds the size of a value that replaces another, and never takes the old one away. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #options: CacheOptions;
  readonly #counts = { hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };
  #bytes = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry.expiresMs > performance.now()) {
      this.#counts.hits += 1;
      this.#counts.savedMicroUsd += entry.cost;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry.value;
    }
    this.#counts.misses += 1;
    if (entry) this.#remove(key);
    return undefined;
  }

  set(key: string, value: V, { ttlMs = this.#options.ttlMs, cost = 0, size = 1 }: SetOptions = {}): void {
    if (size > this.#options.maxBytes) return;
    this.#entries.delete(key);
    this.#entries.set(key, {
      value,
      cost,
      size,
      expiresMs: performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY),
    });
    this.#bytes += size;
    while (this.#bytes > this.#options.maxBytes) {
      const [oldest] = this.#entries.keys();
      this.#remove(oldest as string);
      this.#counts.evictions += 1;
    }
  }

  stats(): CacheStats {
    return { entries: this.#entries.size, bytes: this.#bytes, ...this.#counts };
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.size;
    this.#entries.delete(key);
  }
}
