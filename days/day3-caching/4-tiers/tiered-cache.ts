import type { Edge, Hit, Tier, TierOptions } from '#course/day3-caching/contracts/tiered-cache.ts';

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
