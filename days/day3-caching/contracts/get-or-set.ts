export interface CacheKey {
  tenant: string;
  key: string;
}

export interface GetOptions {
  /** A value is fresh so long after it was made; a cache may shorten this by up to a fifth. */
  ttlMs: number;
  /** So long after that it may still be shown while a new one is made, or cannot be made. */
  graceMs: number;
  /** The longest that a caller waits for a new value while an old one may be shown. */
  softTimeoutMs: number;
  /** Aborted when this caller leaves. */
  signal?: AbortSignal;
}

export interface Cache<V> {
  /** The value kept for the key, or what `make` gives. `make` gets a signal that aborts when nobody wants it any more. */
  getOrSet(of: CacheKey, make: (signal: AbortSignal) => Promise<V>, options: GetOptions): Promise<V>;
}
