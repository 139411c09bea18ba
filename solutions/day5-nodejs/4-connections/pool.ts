import OpenAI from 'openai';
import { Agent } from 'undici';
import type { Pool, PoolOptions, Service, Services } from '#course/day5-nodejs/contracts/pool.ts';

/** Keeps connections for those who come later: a handshake costs more than most requests. */
export function createPool<C>({ max, idleMs, connect, healthy, close }: PoolOptions<C>): Pool<C> {
  const idle: { connection: C; sinceMs: number }[] = [];
  const line: Waiter<C>[] = [];
  /** Open or being opened; of these, being opened. What is opened is for whoever is first in line then. */
  let size = 0;
  let opening = 0;
  return {
    get size() {
      return size;
    },
    get waiting() {
      return Math.max(0, line.length - opening);
    },
    acquire(signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const waiter: Waiter<C> = { resolve, reject, stopListening };
        const leave = () => {
          line.splice(line.indexOf(waiter), 1);
          reject(signal?.reason);
        };
        function stopListening() {
          signal?.removeEventListener('abort', leave);
        }
        line.push(waiter);
        signal?.addEventListener('abort', leave, { once: true });
        serve();
      });
    },
    release(connection, broken = false) {
      if (broken) drop(connection);
      else idle.push({ connection, sinceMs: performance.now() });
      serve();
    },
  };

  function serve(): void {
    while (line.length > 0) {
      const kept = keptConnection();
      if (kept === undefined) break;
      next()?.resolve(kept);
    }
    while (opening < line.length && size < max) void open();
  }

  /** The one used last, so that the others grow old; what is dead or too old is closed on the way. */
  function keptConnection(): C | undefined {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      if (healthy(kept.connection) && performance.now() - kept.sinceMs < idleMs) return kept.connection;
      drop(kept.connection);
    }
    return undefined;
  }

  /** The place is taken before anything is awaited. */
  async function open(): Promise<void> {
    size += 1;
    opening += 1;
    try {
      const connection = await connect();
      idle.push({ connection, sinceMs: performance.now() });
    } catch (error) {
      size -= 1;
      next()?.reject(error);
    }
    opening -= 1;
    serve();
  }

  function drop(connection: C): void {
    close(connection);
    size -= 1;
  }

  function next(): Waiter<C> | undefined {
    const first = line.shift();
    first?.stopListening();
    return first;
  }
}

interface Waiter<C> {
  resolve: (connection: C) => void;
  reject: (reason: unknown) => void;
  stopListening: () => void;
}

/** An SDK client for each service, over connections of its own. */
export function connectServices<Name extends string>(services: Record<Name, Service>): Services<Name> {
  const clients = {} as Record<Name, OpenAI>;
  const agents: Agent[] = [];
  for (const name in services) {
    const { baseURL, apiKey, max, idleMs } = services[name];
    // The second keeps the server from making it longer: what it offers in `keep-alive` counts up to there.
    const agent = new Agent({ connections: max, keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs });
    agents.push(agent);
    clients[name] = new OpenAI({ baseURL, apiKey, fetchOptions: { dispatcher: agent } });
  }
  return {
    clients,
    async close() {
      await Promise.all(agents.map((agent) => agent.close()));
    },
  };
}
