/** Bytes under keys, shared by all nodes, and a channel that every node hears, the sender too. A message can be lost. */
export interface Tier {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  publish(message: string): Promise<void>;
  subscribe(listener: (message: string) => void): Promise<void>;
}

/** Serves media near the user, by URL. */
export interface Edge {
  url(key: string): string;
  has(key: string): Promise<boolean>;
  put(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
}

export interface TierOptions {
  strategyFor(key: string): 'memory-first' | 'remote-first' | 'cdn-first';
  /** The longest that a look-up waits for the second tier. */
  remoteTimeoutMs: number;
  /** The longest that a copy in memory is trusted without asking. */
  memoryTtlMs: number;
}

export type Hit = { value: unknown; from: 'memory' | 'remote' | 'edge' };

export class TieredCache {
  /** Resolves when this node hears the others. */
  readonly ready: Promise<void> = Promise.resolve();
  readonly #remote: Tier;

  constructor(remote: Tier, edge: Edge, options: TierOptions) {
    // TODO: there is only the second tier, and all depends on it.
    this.#remote = remote;
    void [edge, options];
  }

  async get(key: string): Promise<Hit | undefined> {
    const bytes = await this.#remote.get(key);
    if (!bytes) return undefined;
    const { value, expiresMs } = JSON.parse(Buffer.from(bytes).toString());
    return expiresMs > Date.now() ? { value, from: 'remote' } : undefined;
  }

  async set(key: string, value: unknown, { ttlMs }: { ttlMs: number }): Promise<void> {
    const envelope = JSON.stringify({ value, expiresMs: Date.now() + ttlMs });
    await this.#remote.set(key, Buffer.from(envelope), ttlMs);
  }

  async invalidate(key: string): Promise<void> {
    await this.#remote.delete(key);
  }
}
