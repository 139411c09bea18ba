/** A second tier: bytes under keys, shared by all nodes, and a way to tell the others. It knows nothing of what it keeps. */
export interface Tier {
  get(key: string): Promise<Uint8Array | undefined>;
  /** `ttlMs` is a backstop, so that nothing stays for ever; whoever reads judges the expiry by what is in the bytes. */
  set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Tells every subscriber, also one's own. A message can be lost. */
  publish(message: string): Promise<void>;
  subscribe(listener: (message: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** Where media are served from, near the user: bytes under a key get a URL. */
export interface Edge {
  url(key: string): string;
  has(key: string): Promise<boolean>;
  put(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
}
