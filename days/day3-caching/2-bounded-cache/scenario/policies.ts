import type * as Subject from '#days/day3-caching/2-bounded-cache/bounded-cache.ts';
import { sum } from '#lib/provider';
import { ANSWER_BYTES, type Lookup, type Trace } from './traces.ts';

export type Cache = Pick<Subject.BoundedCache<unknown>, 'get' | 'set'>;

/** What a policy made of a trace. */
export interface Result {
  hitRate: number;
  usdPerMb: number;
}

export function replay(cache: Cache, { lookups, maxBytes }: Trace): Result {
  let hits = 0;
  let saved = 0;
  for (const { key, size, cost } of lookups) {
    if (cache.get(key) === key) {
      hits += 1;
      saved += cost;
    } else cache.set(key, key, { size, cost });
  }
  // A cache that takes more room than it was given pays for it.
  const kept = new Map(lookups.map(({ key, size }) => [key, size]));
  const held = sum([...kept].map(([key, size]) => (cache.get(key) === undefined ? 0 : size)));
  return { hitRate: hits / lookups.length, usdPerMb: saved / Math.max(maxBytes, held) };
}

/** What the three textbook policies make of a trace. */
export function yardstick(trace: Trace): Record<'FIFO' | 'LRU' | 'LFU', Result> {
  return {
    FIFO: replay(listed(trace, false), trace),
    LRU: replay(listed(trace, true), trace),
    LFU: replay(byFrequency(trace), trace),
  };
}

/** Evicts from the front of the list; LRU also moves what is read to its end. */
function listed({ maxBytes }: Trace, movesOnRead: boolean): Cache {
  const list = new Map<string, number>();
  let bytes = 0;
  return {
    get(key) {
      const size = list.get(key);
      if (size === undefined) return undefined;
      if (movesOnRead) {
        list.delete(key);
        list.set(key, size);
      }
      return key;
    },
    set(key, _, { size = 1 } = {}) {
      list.set(key, size);
      bytes += size;
      for (const [oldest, freed] of list) {
        if (bytes <= maxBytes) break;
        list.delete(oldest);
        bytes -= freed;
      }
    },
  };
}

/** Evicts what was read least often since it came. */
function byFrequency({ maxBytes }: Trace): Cache {
  const list = new Map<string, { size: number; reads: number }>();
  let bytes = 0;
  return {
    get(key) {
      const entry = list.get(key);
      if (entry) entry.reads += 1;
      return entry && key;
    },
    set(key, _, { size = 1 } = {}) {
      bytes += size;
      while (bytes > maxBytes) {
        let least: string | undefined;
        let fewest = Number.POSITIVE_INFINITY;
        for (const [candidate, { reads }] of list) {
          if (reads >= fewest) continue;
          [least, fewest] = [candidate, reads];
          if (reads === 0) break;
        }
        if (least === undefined) break;
        bytes -= list.get(least)?.size ?? 0;
        list.delete(least);
      }
      list.set(key, { size, reads: 0 });
    },
  };
}

/**
 * The hit rate of Bélády's optimum for answers of one size: it knows the future and gives up what is wanted last,
 * also the new one itself.
 */
export function belady({ lookups, maxBytes }: Trace): number {
  const room = Math.floor(maxBytes / ANSWER_BYTES);
  const nextUse = uses(lookups);
  const held = new Map<string, number>();
  let hits = 0;
  lookups.forEach(({ key }, now) => {
    if (held.has(key)) hits += 1;
    held.set(key, nextUse[now] as number);
    if (held.size <= room) return;
    let [last, latest] = ['', -1];
    for (const [candidate, use] of held) if (use > latest) [last, latest] = [candidate, use];
    held.delete(last);
  });
  return hits / lookups.length;
}

/**
 * No policy saves more than this. Each hit holds its bytes from one use to the next; the room is bytes times look-ups;
 * fill it with the hits that save most for the room they take, parts of hits included. (The bound PFOO-U of Berger,
 * Beckmann and Harchol-Balter, "Practical Bounds on Optimal Caching with Variable Object Sizes", SIGMETRICS 2018.)
 */
export function mostSaved({ lookups, maxBytes }: Trace): number {
  const hits = uses(lookups).flatMap((next, now) => {
    const { size, cost } = lookups[now] as Lookup;
    return next === Number.POSITIVE_INFINITY ? [] : [{ cost, room: size * (next - now) }];
  });
  hits.sort((a, b) => b.cost / b.room - a.cost / a.room);
  let left = maxBytes * lookups.length;
  const saved = hits.map(({ cost, room }) => {
    const part = Math.min(1, left / room);
    left -= part * room;
    return cost * part;
  });
  return sum(saved) / maxBytes;
}

/** For each look-up, when its key is asked for next. */
function uses(lookups: readonly Lookup[]): number[] {
  const next = new Map<string, number>();
  const found = lookups.map(() => Number.POSITIVE_INFINITY);
  for (let i = lookups.length - 1; i >= 0; i -= 1) {
    const { key } = lookups[i] as Lookup;
    found[i] = next.get(key) ?? Number.POSITIVE_INFINITY;
    next.set(key, i);
  }
  return found;
}
