import { type Clients, createClients } from './clients.ts';
import { createFetch } from './fetch.ts';
import { createHandlers } from './handlers.ts';
import type { Ledger } from './ledger.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';

export interface ProviderOptions extends SimulatorOptions {
  /** Told the address of every request that the provider does not serve. */
  onRefused?: (url: string) => void;
}

/** A simulated provider: one set of handlers and one ledger, whichever door a request comes in by. */
export interface Provider {
  /**
   * The door for large runs: hand it to a client, `new OpenAI({ fetch: provider.fetch, … })`. Labs get it as the
   * process's own `fetch`; `serveProvider` puts it behind a port.
   */
  fetch: typeof fetch;
  ledger: Ledger;
  simulator: Simulator;
  /** Clients of the real SDK that call by this provider's `fetch`. */
  clients(): Clients;
}

export function createProvider({ onRefused, ...options }: ProviderOptions): Provider {
  const simulator = createSimulator(options);
  const door = createFetch(simulator, createHandlers(simulator), onRefused);
  return { fetch: door, ledger: simulator.ledger, simulator, clients: () => createClients(door) };
}
