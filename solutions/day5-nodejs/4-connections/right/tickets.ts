export interface PoolOptions<C> {
  /** Most connections at one time, those being opened included. */
  max: number;
  /** A connection that nobody has used for so long is not given out again: the server closes it about then. */
  idleMs: number;
  /** Opens a connection. */
  connect: () => Promise<C>;
  /** False for a connection that must not be used again: closed, or in the middle of an answer nobody read. */
  healthy: (connection: C) => boolean;
  close: (connection: C) => void;
}

export interface Pool<C> {
  /** A connection of one's own, until it is released. Served in the order of the calls. */
  acquire(signal?: AbortSignal): Promise<C>;
  /** Gives it back; `broken` if the request on it was cancelled or failed half-way. */
  release(connection: C, broken?: boolean): void;
  /** Connections that are open or being opened, and callers that wait. */
  readonly size: number;
  readonly waiting: number;
}

/** `max` tickets in one line; a ticket is an open connection, or the right to open one. */
export function createPool<C>({ max, idleMs, connect, healthy, close }: PoolOptions<C>): Pool<C> {
  type Ticket = { connection?: C; usedMs: number };
  const free: Ticket[] = Array.from({ length: max }, () => ({ usedMs: 0 }));
  const out = new Map<C, Ticket>();
  const line = new Set<(ticket: Ticket) => void>();
  let opening = 0;

  const giveBack = (ticket: Ticket) => {
    const [next] = line;
    if (!next) return void free.unshift(ticket);
    line.delete(next);
    next(ticket);
  };
  const takeTicket = (signal?: AbortSignal): Promise<Ticket> =>
    new Promise((resolve, reject) => {
      // A ticket with a connection first, else one to open a connection with.
      const at = free.findIndex((ticket) => ticket.connection !== undefined);
      const [ticket] = free.splice(Math.max(at, 0), 1);
      if (ticket) return resolve(ticket);
      const leave = () => {
        line.delete(mine);
        reject(signal?.reason);
      };
      const mine = (given: Ticket) => {
        signal?.removeEventListener('abort', leave);
        resolve(given);
      };
      line.add(mine);
      signal?.addEventListener('abort', leave, { once: true });
    });

  return {
    get size() {
      return out.size + opening + free.filter((ticket) => ticket.connection !== undefined).length;
    },
    get waiting() {
      return line.size;
    },
    async acquire(signal) {
      signal?.throwIfAborted();
      const free = takeTicket(signal);
      opening += 1;
      try {
        const ticket = await waitFor(free);
        const { connection } = ticket;
        if (
          connection !== undefined &&
          !(healthy(connection) && performance.now() - ticket.usedMs < idleMs)
        ) {
          close(connection);
          ticket.connection = undefined;
        }
        try {
          ticket.connection ??= await connect();
        } catch (error) {
          giveBack(ticket);
          throw error;
        }
        out.set(ticket.connection, ticket);
        return ticket.connection;
      } finally {
        opening -= 1;
      }
    },
    release(connection, broken = false) {
      const ticket = out.get(connection) ?? { usedMs: 0 };
      out.delete(connection);
      ticket.usedMs = performance.now();
      if (broken || !healthy(connection)) {
        close(connection);
        ticket.connection = undefined;
      }
      giveBack(ticket);
    },
  };

  /** Those who wait for a ticket open nothing. */
  async function waitFor(ticket: Promise<Ticket>): Promise<Ticket> {
    if (line.size === 0) return ticket;
    opening -= 1;
    try {
      return await ticket;
    } finally {
      opening += 1;
    }
  }
}
