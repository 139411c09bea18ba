import type OpenAI from 'openai';

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

/** A service that is called through the SDK. */
export interface Service {
  baseURL: string;
  apiKey: string;
  /** Most connections to it at one time. */
  max: number;
  /** A connection that nobody has used for so long is closed, whatever the server offers. */
  idleMs: number;
}

export interface Services<Name extends string> {
  /** One SDK client for each service. */
  clients: Record<Name, OpenAI>;
  /** Closes the connections of all services. Called when nothing is under way. */
  close(): Promise<void>;
}
