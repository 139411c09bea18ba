import type { Pool, PoolOptions } from '#course/day5-nodejs/contracts/pool.ts';

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
