import type { Pool, PoolOptions } from '#course/day5-nodejs/contracts/pool.ts';

/** Keeps connections for those who come later: a handshake costs more than most requests. */
export function createPool<C>({ max, idleMs, connect, healthy, close }: PoolOptions<C>): Pool<C> {
  const idle: { connection: C; sinceMs: number }[] = [];
  const line: Waiter<C>[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    get waiting() {
      return line.length;
    },
    async acquire(signal) {
      signal?.throwIfAborted();
      const kept = keptConnection();
      if (kept !== undefined) return kept;
      return size < max ? await open() : await myTurn(signal);
    },
    release(connection, broken = false) {
      if (broken || !healthy(connection)) drop(connection);
      else if (line.length > 0) line.shift()?.resolve(connection);
      else idle.push({ connection, sinceMs: performance.now() });
    },
  };

  /** The one used last, so that the others grow old; what is dead or too old is closed on the way. */
  function keptConnection(): C | undefined {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      if (healthy(kept.connection) && performance.now() - kept.sinceMs < idleMs) return kept.connection;
      drop(kept.connection);
    }
    return undefined;
  }

  /** The place is taken before anything is awaited. */
  async function open(): Promise<C> {
    size += 1;
    try {
      return await connect();
    } catch (error) {
      size -= 1;
      openForNext();
      throw error;
    }
  }

  function drop(connection: C): void {
    close(connection);
    size -= 1;
    openForNext();
  }

  function openForNext(): void {
    if (size >= max) return;
    const next = line.shift();
    if (next) open().then(next.resolve, next.reject);
  }

  function myTurn(signal?: AbortSignal): Promise<C> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<C> = {
        resolve(connection) {
          signal?.removeEventListener('abort', leave);
          resolve(connection);
        },
        reject,
      };
      const leave = () => {
        line.splice(line.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      line.push(waiter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}

interface Waiter<C> {
  resolve: (connection: C) => void;
  reject: (reason: unknown) => void;
}
