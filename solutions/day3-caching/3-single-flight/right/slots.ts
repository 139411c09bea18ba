import type { Cache } from '#course/day3-caching/contracts/get-or-set.ts';

/** Everything known about one key. */
class Slot<V> {
  current?: { value: V; madeMs: number; freshMs: number };
  pending?: Promise<V>;
  #stop?: AbortController;
  #leavers = new Set<object>();

  refresh(make: (signal: AbortSignal) => Promise<V>, ttlMs: number): Promise<V> {
    if (this.pending) return this.pending;
    const stop = new AbortController();
    this.#stop = stop;
    this.#leavers.clear();
    const attempt = (async (): Promise<V> => {
      try {
        const value = await make(stop.signal);
        const freshMs = ttlMs * (0.8 + 0.2 * Math.random());
        this.current = { value, madeMs: performance.now(), freshMs };
        return value;
      } finally {
        if (this.#stop === stop) this.pending = undefined;
      }
    })();
    attempt.catch(() => {});
    this.pending = attempt;
    return attempt;
  }

  /** What is being stopped is no longer there for those who come. */
  #giveUp(): void {
    this.pending = undefined;
    this.#stop?.abort();
  }

  /** A caller without a signal never leaves, so the call is never stopped while such a one waits. */
  wait(attempt: Promise<V>, signal?: AbortSignal): Promise<V> {
    const ticket = {};
    this.#leavers.add(ticket);
    return untilGone(attempt, signal, () => {
      this.#leavers.delete(ticket);
      if (this.#leavers.size === 0) this.#giveUp();
    });
  }
}

/** One slot for each key, which knows its value, its age and the attempt that is under way. */
export function createCache<V>(): Cache<V> {
  const slots = new Map<string, Map<string, Slot<V>>>();
  return {
    async getOrSet({ tenant, key }, make, { ttlMs, graceMs, softTimeoutMs, signal }) {
      signal?.throwIfAborted();
      const own = slots.get(tenant) ?? new Map<string, Slot<V>>();
      slots.set(tenant, own);
      const slot = own.get(key) ?? new Slot<V>();
      own.set(key, slot);
      const { current } = slot;
      const ageMs = current ? performance.now() - current.madeMs : Number.POSITIVE_INFINITY;
      if (current && ageMs < current.freshMs) return current.value;
      const attempt = slot.refresh(make, ttlMs);
      if (!current || ageMs > ttlMs + graceMs) return slot.wait(attempt, signal);
      void slot.wait(attempt).catch(() => {});
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<V>((resolve) => {
        timer = setTimeout(() => resolve(current.value), softTimeoutMs);
      });
      const soon = Promise.race([attempt.catch(() => current.value), patience]);
      return untilGone(soon, signal).finally(() => clearTimeout(timer));
    },
  };
}

/** The promise, or a rejection when the caller leaves. */
async function untilGone<T>(promise: Promise<T>, signal?: AbortSignal, leave?: () => void): Promise<T> {
  if (!signal) return promise;
  let gone = () => {};
  const leaving = new Promise<never>((_, reject) => {
    gone = () => {
      leave?.();
      reject(signal.reason);
    };
    signal.addEventListener('abort', gone);
  });
  return Promise.race([promise, leaving]).finally(() => signal.removeEventListener('abort', gone));
}
