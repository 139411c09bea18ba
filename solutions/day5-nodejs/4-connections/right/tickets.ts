import OpenAI from 'openai';
import { Agent, type RequestInfo, type RequestInit, fetch as undiciFetch } from 'undici';
import type { Pool, PoolOptions, Service, Services } from '#course/day5-nodejs/contracts/pool.ts';

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

/** A `fetch` of its own for each service: undici's, over an agent. */
export function connectServices<Name extends string>(services: Record<Name, Service>): Services<Name> {
  const agents = new Map<string, Agent>();
  const clientFor = (name: string, { baseURL, apiKey, max, idleMs }: Service) => {
    const agent = new Agent({ connections: max, keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs });
    agents.set(name, agent);
    const overAgent = (input: unknown, init: unknown) =>
      undiciFetch(input as RequestInfo, { ...(init as RequestInit), dispatcher: agent });
    return new OpenAI({ baseURL, apiKey, fetch: overAgent as unknown as typeof fetch });
  };
  const clients = {} as Record<Name, OpenAI>;
  for (const [name, service] of Object.entries<Service>(services))
    clients[name as Name] = clientFor(name, service);
  return {
    clients,
    async close() {
      for (const agent of agents.values()) await agent.close();
    },
  };
}
