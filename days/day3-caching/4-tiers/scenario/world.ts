import type * as Subject from '#days/day3-caching/4-tiers/tiered-cache.ts';
import type { World } from '#lib/provider';
import type * as Contract from '../../contracts/tiered-cache.ts';

export type Clock = World<unknown>['clock'];
export type Cache = Subject.TieredCache;

export const MINUTE_MS = 60_000;
const REMOTE_MS = 4;
const EDGE_MS = 15;
export const OPTIONS: Contract.TierOptions = {
  remoteTimeoutMs: 50,
  memoryTtlMs: 30_000,
  strategyFor: (key) =>
    key.startsWith('media:') ? 'cdn-first' : key.startsWith('live:') ? 'remote-first' : 'memory-first',
};

/** What an envelope may add to a value. */
export const ENVELOPE_BYTES = 40;

export function createWorld(subject: typeof Subject, clock: Clock) {
  const entries = new Map<string, Uint8Array>();
  const listeners: ((message: string) => void)[] = [];
  const state = { mode: 'well' as 'well' | 'down' | 'hangs', losesMessages: false, gets: 0, sets: 0 };
  const visit = async () => {
    if (state.mode === 'down') throw new Error('ECONNREFUSED 127.0.0.1:6379');
    await clock.sleep(state.mode === 'hangs' ? 30_000 : REMOTE_MS);
    if (state.mode === 'hangs') throw new Error('socket timeout');
  };
  const remote: Contract.Tier = {
    async get(key) {
      state.gets += 1;
      await visit();
      return entries.get(key)?.slice();
    },
    async set(key, bytes) {
      state.sets += 1;
      await visit();
      entries.set(key, Uint8Array.from(bytes));
    },
    async delete(key) {
      await visit();
      entries.delete(key);
    },
    async publish(message) {
      await visit();
      if (!state.losesMessages) for (const listener of listeners) queueMicrotask(() => listener(message));
    },
    async subscribe(listener) {
      listeners.push(listener);
    },
  };
  const atEdge = new Map<string, { bytes: Uint8Array; ttlMs: number }>();
  const edge: Contract.Edge = {
    url: (key) => `https://edge.example/${encodeURIComponent(key)}`,
    async has(key) {
      await clock.sleep(EDGE_MS);
      return atEdge.has(key);
    },
    async put(key, bytes, ttlMs) {
      await clock.sleep(EDGE_MS);
      atEdge.set(key, { bytes: Uint8Array.from(bytes), ttlMs });
    },
  };
  const node = () => new subject.TieredCache(remote, edge, OPTIONS);
  return { node, state, entries, atEdge, edge };
}

export type Tiers = ReturnType<typeof createWorld>;

/** What a look-up gave and how long it took; an error is told, not thrown. */
export interface Seen {
  hit: Contract.Hit | undefined;
  error?: unknown;
  waitedMs: number;
}

export async function look(cache: Cache, key: string, clock: Clock): Promise<Seen> {
  const startMs = clock.now();
  const seen: Seen = { hit: undefined, waitedMs: 0 };
  try {
    seen.hit = await cache.get(key);
  } catch (error) {
    seen.error = error;
  }
  seen.waitedMs = clock.now() - startMs;
  return seen;
}

export async function settled(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
