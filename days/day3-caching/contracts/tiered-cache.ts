/** Bytes under keys, shared by all nodes, and a channel that every node hears, the sender too. A message can be lost. */
export interface Tier {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes for that long: a backstop. Whoever reads judges the expiry by what is in the bytes. */
  set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  publish(message: string): Promise<void>;
  subscribe(listener: (message: string) => void): Promise<void>;
}

/** Serves media near the user, by URL. It may fail, but does not hang. */
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
