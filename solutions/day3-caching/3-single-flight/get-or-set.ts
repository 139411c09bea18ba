import type { Cache } from '#course/day3-caching/contracts/get-or-set.ts';

interface Entry<V> {
  value: V;
  madeMs: number;
  freshUntilMs: number;
}

/** A value being made, for all who wait for it. */
interface Flight<V> {
  name: string;
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
      signal?.throwIfAborted();
      const name = JSON.stringify([tenant, key]);
      const entry = entries.get(name);
      const nowMs = performance.now();
      if (entry && nowMs < entry.freshUntilMs) return entry.value;
      const flight = flights.get(name) ?? start(name, make, ttlMs);
      const mayShow = entry && nowMs <= entry.madeMs + ttlMs + graceMs;
      return mayShow ? soonOr(flight, softTimeoutMs, entry.value, signal) : wait(flight, signal);
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
      .finally(() => land(flight));
    const flight = { name, promise, stop, waiting: 0 };
    flights.set(name, flight);
    return flight;
  }

  /** Who comes from now on starts anew. */
  function land(flight: Flight<V>): void {
    if (flights.get(flight.name) === flight) flights.delete(flight.name);
  }

  /** The new value if it comes soon, else the old one; the refresh goes on either way. */
  function soonOr(flight: Flight<V>, ms: number, old: V, signal?: AbortSignal): Promise<V> {
    flight.waiting = Number.POSITIVE_INFINITY;
    return new Promise<V>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
      };
      const show = (value: V) => {
        end();
        resolve(value);
      };
      const leave = () => {
        end();
        reject(signal?.reason);
      };
      const timer = setTimeout(show, ms, old);
      signal?.addEventListener('abort', leave);
      flight.promise.then(show, () => show(old));
    });
  }

  /** Waits like the others; who leaves takes the call along only if nobody else waits. */
  function wait(flight: Flight<V>, signal?: AbortSignal): Promise<V> {
    flight.waiting += 1;
    return new Promise<V>((resolve, reject) => {
      const leave = () => {
        flight.waiting -= 1;
        if (flight.waiting === 0) {
          land(flight);
          flight.stop.abort(signal?.reason);
        }
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      flight.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  }
}
