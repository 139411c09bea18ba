import type { Tier } from './tier.ts';

/** What nodes in one process share. */
export interface SharedMemory {
  entries: Map<string, { bytes: Uint8Array; expiresMs: number }>;
  listeners: Set<(message: string) => void>;
}

export function createSharedMemory(): SharedMemory {
  return { entries: new Map(), listeners: new Set() };
}

/** A second tier in the memory of this process, for tests and for a single node. */
export function createMemoryTier(shared: SharedMemory = createSharedMemory()): Tier {
  const own = new Set<(message: string) => void>();
  return {
    async get(key) {
      const entry = shared.entries.get(key);
      if (entry && entry.expiresMs > Date.now()) return entry.bytes.slice();
      shared.entries.delete(key);
      return undefined;
    },
    async set(key, bytes, ttlMs) {
      shared.entries.set(key, { bytes: bytes.slice(), expiresMs: Date.now() + ttlMs });
    },
    async delete(key) {
      shared.entries.delete(key);
    },
    async publish(message) {
      for (const listener of shared.listeners) queueMicrotask(() => listener(message));
    },
    async subscribe(listener) {
      own.add(listener);
      shared.listeners.add(listener);
    },
    async close() {
      for (const listener of own) shared.listeners.delete(listener);
      own.clear();
    },
  };
}
