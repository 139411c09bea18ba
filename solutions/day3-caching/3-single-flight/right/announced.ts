import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '#course/day3-caching/contracts/get-or-set.ts';

type Result<V> = { value: V } | { error: unknown };

/** Those who wait listen to an event; when the last of them leaves, the call is stopped. */
export function createCache<V>(): Cache<V> {
  const kept = new Map<string, { value: V; from: number; until: number }>();
  const going = new Map<string, { bus: EventEmitter; stop: AbortController; wanted: boolean }>();

  const begin = (id: string, make: (signal: AbortSignal) => Promise<V>, ttlMs: number) => {
    const call = { bus: new EventEmitter().setMaxListeners(0), stop: new AbortController(), wanted: false };
    going.set(id, call);
    const end = (result: Result<V>) => {
      if (going.get(id) === call) going.delete(id);
      call.bus.emit('end', result);
    };
    const run = async () => {
      const value = await make(call.stop.signal);
      const from = performance.now();
      if (!call.stop.signal.aborted)
        kept.set(id, { value, from, until: from + ttlMs - 0.2 * ttlMs * Math.random() });
      return value;
    };
    run().then(
      (value) => end({ value }),
      (error) => end({ error }),
    );
    return call;
  };

  return {
    async getOrSet({ tenant, key }, make, { ttlMs, graceMs, softTimeoutMs, signal }) {
      if (signal?.aborted) throw signal.reason;
      const id = `${tenant.length}/${tenant}/${key}`;
      const old = kept.get(id);
      const now = performance.now();
      if (old && now < old.until) return old.value;
      const mayShow = old !== undefined && now < old.from + ttlMs + graceMs;
      const call = going.get(id) ?? begin(id, make, ttlMs);
      if (mayShow) call.wanted = true;
      const quiet = new AbortController();
      const both = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal;
      const waits: Promise<Result<V>>[] = [once(call.bus, 'end', { signal: both }).then(([r]) => r)];
      if (mayShow) waits.push(sleep(softTimeoutMs, { value: old.value }, { signal: both }));
      for (const each of waits) each.catch(() => {});
      try {
        const result = await Promise.race(waits);
        if ('value' in result) return result.value;
        if (mayShow) return old.value;
        throw result.error;
      } catch (error) {
        if (!signal?.aborted) throw error;
        if (!call.wanted && call.bus.listenerCount('end') === 0 && going.get(id) === call) {
          going.delete(id);
          call.stop.abort();
        }
        throw signal.reason;
      } finally {
        quiet.abort();
      }
    },
  };
}
