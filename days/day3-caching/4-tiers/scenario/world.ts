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
  const state = {
    mode: 'well' as 'well' | 'down' | 'hangs',
    losesMessages: false,
    isEdgeDown: false,
    /** How much longer than usual what was read takes on its way back. */
    backMs: 0,
    gets: 0,
  };
  /** What was asked of the second tier, and what came of it. */
  const log: { what: 'set' | 'delete' | 'publish'; key: string; startMs: number; endMs: number }[] = [];
  const lifetimes = new Map<string, number>();
  const there = async () => {
    if (state.mode === 'down') throw new Error('ECONNREFUSED 127.0.0.1:6379');
    await clock.sleep(state.mode === 'hangs' ? 30_000 : REMOTE_MS / 2);
    if (state.mode === 'hangs') throw new Error('socket timeout');
  };
  const visit = async (what: 'set' | 'delete' | 'publish', key: string, effect: () => void) => {
    const row = { what, key, startMs: clock.now(), endMs: Number.POSITIVE_INFINITY };
    log.push(row);
    await there();
    effect();
    await clock.sleep(REMOTE_MS / 2);
    row.endMs = clock.now();
  };
  const atTheEdge = async () => {
    await clock.sleep(EDGE_MS);
    if (state.isEdgeDown) throw new Error('503 from the edge');
  };
  const remote: Contract.Tier = {
    async get(key) {
      state.gets += 1;
      await there();
      const bytes = entries.get(key)?.slice();
      await clock.sleep(REMOTE_MS / 2 + state.backMs);
      return bytes;
    },
    set: (key, bytes, ttlMs) =>
      visit('set', key, () => {
        entries.set(key, Uint8Array.from(bytes));
        lifetimes.set(key, ttlMs);
      }),
    delete: (key) => visit('delete', key, () => entries.delete(key)),
    publish: (message) =>
      visit('publish', message, () => {
        if (!state.losesMessages) for (const listener of listeners) queueMicrotask(() => listener(message));
      }),
    async subscribe(listener) {
      if (state.mode === 'down') throw new Error('ECONNREFUSED 127.0.0.1:6379');
      listeners.push(listener);
    },
  };
  const atEdge = new Map<string, { bytes: Uint8Array; ttlMs: number }>();
  const puts: string[] = [];
  const edge: Contract.Edge = {
    url: (key) => `https://edge.example/${encodeURIComponent(key)}`,
    async has(key) {
      await atTheEdge();
      return atEdge.has(key);
    },
    async put(key, bytes, ttlMs) {
      puts.push(key);
      await atTheEdge();
      atEdge.set(key, { bytes: Uint8Array.from(bytes), ttlMs });
    },
  };
  const node = () => new subject.TieredCache(remote, edge, OPTIONS);
  return { node, state, log, entries, lifetimes, atEdge, puts, edge };
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
