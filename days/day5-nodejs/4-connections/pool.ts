import OpenAI from 'openai';
import type { Pool, PoolOptions, Service, Services } from '#course/day5-nodejs/contracts/pool.ts';

/** Keeps connections for those who come later: a handshake costs more than most requests. */
export function createPool<C>(options: PoolOptions<C>): Pool<C> {
  let size = 0;
  return {
    get size() {
      return size;
    },
    waiting: 0,
    async acquire() {
      // TODO: a handshake for every request. Keep what is released, bound what is open, and let the others wait.
      const connection = await options.connect();
      size += 1;
      return connection;
    },
    release(connection) {
      size -= 1;
      options.close(connection);
    },
  };
}

/** An SDK client for each service, over connections of its own. */
export function connectServices<Name extends string>(services: Record<Name, Service>): Services<Name> {
  // TODO: these open as many connections as there are requests, and leave it to the server when to close them.
  const clients = {} as Record<Name, OpenAI>;
  for (const name in services) {
    const { baseURL, apiKey } = services[name];
    clients[name] = new OpenAI({ baseURL, apiKey });
  }
  return { clients, close: async () => {} };
}
