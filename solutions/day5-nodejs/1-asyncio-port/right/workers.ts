import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '#course/day5-nodejs/contracts/port.ts';

/** Workers that share one iterator. */
export async function gatherWithLimit<T>(
  limit: number,
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T[]> {
  const stop = new AbortController();
  const out = new Array<T>(tasks.length);
  const iterator = tasks.entries();
  let failed = false;
  let failure: unknown;
  const worker = async () => {
    for (const [i, task] of iterator) {
      if (failed) return;
      try {
        out[i] = await task(stop.signal);
      } catch (error) {
        if (!failed) {
          failed = true;
          failure = error;
          stop.abort(error);
        }
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, worker));
  if (failed) throw failure;
  return out;
}

/** A list in the order of use beside a record of calls. */
class Lru<T> {
  private order: string[] = [];
  private values: Record<string, Promise<T>> = Object.create(null);
  private readonly max: number;
  private readonly load: (key: string) => Promise<T>;
  constructor(max: number, load: (key: string) => Promise<T>) {
    this.max = max;
    this.load = load;
  }
  get(key: string): Promise<T> {
    const hit = this.values[key];
    if (hit) {
      this.order.splice(this.order.indexOf(key), 1);
      this.order.push(key);
      return hit;
    }
    const made = (async () => this.load(key))();
    this.values[key] = made;
    this.order.push(key);
    if (this.order.length > this.max) delete this.values[this.order.shift() as string];
    made.catch(() => {
      if (this.values[key] !== made) return;
      delete this.values[key];
      this.order.splice(this.order.indexOf(key), 1);
    });
    return made;
  }
}
export function lruCached<T>(
  maxSize: number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const c = new Lru(maxSize, load);
  return (k) => c.get(k);
}

/** Settles by whichever comes first, and clears its timer a turn later. */
export function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const error = new DOMException('too late', 'TimeoutError');
      stop.abort(error);
      reject(error);
    }, ms);
    Promise.resolve()
      .then(() => work(stop.signal))
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

export function requestContext<V>(): RequestContext<V> {
  const als = new AsyncLocalStorage<{ value: V }>();
  return {
    run: (value, body) => als.run({ value }, body),
    get: () => als.getStore()?.value,
  };
}
