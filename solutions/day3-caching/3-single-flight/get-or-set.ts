import type { Cache } from '#course/day3-caching/contracts/get-or-set.ts';

interface Entry<V> {
  value: V;
  madeMs: number;
  freshUntilMs: number;
}

/** A value being made, for all who wait for it. */
interface Flight<V> {
  promise: Promise<V>;
  stop: AbortController;
  waiting: number;
}

/** A time to live is shortened by up to this part, by another one each time. */
const SPREAD = 0.2;
/** Multiples of the golden ratio fill an interval evenly, however many there are. */
const GOLDEN = 0.618034;

/** Shares what is under way, shows what it has within the grace, and spreads what was written together. */
export function createCache<V>(): Cache<V> {
  const entries = new Map<string, Entry<V>>();
  const flights = new Map<string, Flight<V>>();
  let written = 0;

  return {
    async getOrSet({ tenant, key }, make, { ttlMs, graceMs, softTimeoutMs, signal }) {
      const name = JSON.stringify([tenant, key]);
      const entry = entries.get(name);
      const nowMs = performance.now();
      if (entry && nowMs < entry.freshUntilMs) return entry.value;
      const flight = flights.get(name) ?? start(name, make, ttlMs);
      const mayShow = entry && nowMs <= entry.madeMs + ttlMs + graceMs;
      return mayShow ? soonOr(flight, softTimeoutMs, entry.value) : wait(flight, signal);
    },
  };

  function start(name: string, make: (signal: AbortSignal) => Promise<V>, ttlMs: number): Flight<V> {
    const stop = new AbortController();
    const promise = make(stop.signal)
      .then((value) => {
        const madeMs = performance.now();
        written += 1;
        const lifeMs = ttlMs * (1 - SPREAD * ((written * GOLDEN) % 1));
        entries.set(name, { value, madeMs, freshUntilMs: madeMs + lifeMs });
        return value;
      })
      .finally(() => flights.delete(name));
    promise.catch(() => {}); // Nobody may be waiting when a refresh fails.
    const flight = { promise, stop, waiting: 0 };
    flights.set(name, flight);
    return flight;
  }

  /** The new value if it comes soon, else the old one; the refresh goes on either way. */
  function soonOr(flight: Flight<V>, ms: number, old: V): Promise<V> {
    flight.waiting = Number.POSITIVE_INFINITY;
    const timer = new Promise<V>((resolve) => setTimeout(() => resolve(old), ms));
    return Promise.race([flight.promise.catch(() => old), timer]);
  }

  /** Waits like the others; who leaves takes the call along only if nobody else waits. */
  function wait(flight: Flight<V>, signal?: AbortSignal): Promise<V> {
    flight.waiting += 1;
    return new Promise<V>((resolve, reject) => {
      const leave = () => {
        flight.waiting -= 1;
        if (flight.waiting === 0) flight.stop.abort(signal?.reason);
        reject(signal?.reason);
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      flight.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  }
}
