import OpenAI from 'openai';
import { Pool as UndiciPool } from 'undici';
import type { Pool, PoolOptions, Service, Services } from '#course/day5-nodejs/contracts/pool.ts';

interface Waiter<C> {
  resolve(c: C): void;
  reject(e: unknown): void;
  drop(): void;
}

class Connections<C> implements Pool<C> {
  private free: { c: C; since: number }[] = [];
  private lent = new Set<C>();
  private opening = 0;
  private line: Waiter<C>[] = [];
  private readonly o: PoolOptions<C>;
  constructor(options: PoolOptions<C>) {
    this.o = options;
  }
  get size() {
    return this.free.length + this.lent.size + this.opening;
  }
  get waiting() {
    return this.line.length;
  }
  acquire(signal?: AbortSignal): Promise<C> {
    return new Promise<C>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const waiter: Waiter<C> = { resolve, reject, drop: () => signal?.removeEventListener('abort', leave) };
      const leave = () => {
        const at = this.line.indexOf(waiter);
        if (at < 0) return;
        this.line.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.line.push(waiter);
      this.serve();
    });
  }
  release(c: C, broken = false) {
    if (!this.lent.delete(c)) return;
    if (broken || !this.o.healthy(c)) this.o.close(c);
    else this.free.push({ c, since: performance.now() });
    this.serve();
  }
  private serve() {
    while (this.line.length > 0) {
      const now = performance.now();
      this.free = this.free.filter(({ c, since }) => {
        if (now - since < this.o.idleMs && this.o.healthy(c)) return true;
        this.o.close(c);
        return false;
      });
      const hit = this.free.pop();
      if (hit) {
        const w = this.line.shift() as Waiter<C>;
        w.drop();
        this.lent.add(hit.c);
        w.resolve(hit.c);
        continue;
      }
      if (this.size >= this.o.max) return;
      const w = this.line.shift() as Waiter<C>;
      this.open(w);
    }
  }
  private open(w: Waiter<C>) {
    this.opening += 1;
    w.drop();
    Promise.resolve()
      .then(() => this.o.connect())
      .then(
        (c) => {
          this.opening -= 1;
          this.lent.add(c);
          w.resolve(c);
        },
        (e) => {
          this.opening -= 1;
          w.reject(e);
          this.serve();
        },
      );
  }
}
/** Everybody stands in line; a connection is opened for one of them, who gets it even if it has left meanwhile. */
export function createPool<C>(options: PoolOptions<C>): Pool<C> {
  return new Connections(options);
}

/** Undici's pool of one address for each service. */
export function connectServices<Name extends string>(services: Record<Name, Service>): Services<Name> {
  const connected = Object.entries<Service>(services).map(([name, { baseURL, apiKey, max, idleMs }]) => {
    const options = { connections: max, keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs };
    const dispatcher = new UndiciPool(new URL(baseURL).origin, options);
    return { name, dispatcher, client: new OpenAI({ baseURL, apiKey, fetchOptions: { dispatcher } }) };
  });
  return {
    clients: Object.fromEntries(connected.map(({ name, client }) => [name, client])) as Record<Name, OpenAI>,
    close: () => Promise.all(connected.map(({ dispatcher }) => dispatcher.close())).then(() => {}),
  };
}
