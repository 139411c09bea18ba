import { type Clients, createClients } from './clients.ts';
import { type Core, createCore } from './core.ts';
import { createFetch } from './doors/fetch.ts';
import type { Ledger } from './ledger.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';

export interface ProviderOptions extends SimulatorOptions {
  /** Told the address of every request that the provider does not serve. */
  onRefused?: (url: string) => void;
  /** Told what went wrong inside: in the provider itself or in what writes its answers. The client gets a 500. */
  onFault?: (error: unknown) => void;
}

/** A simulated provider: one core and one ledger, whichever door a request comes in by. */
export interface Provider {
  /** The core, for doors: `mswHandlers(provider)`, `serveProvider(provider, …)`. */
  answer: Core;
  /** The door for the SDK: `new OpenAI({ fetch: provider.fetch, … })`. Labs get it as the process's own `fetch`. */
  fetch: typeof fetch;
  ledger: Ledger;
  simulator: Simulator;
  /** Clients of the real SDK that call by this provider's `fetch`. */
  clients(): Clients;
}

export function createProvider({ onRefused, onFault = () => {}, ...options }: ProviderOptions): Provider {
  const simulator = createSimulator(options);
  const answer = createCore(simulator, { onFault, constantMemory: options.ledger === 'totals' });
  const door = createFetch(answer, onRefused);
  return { answer, fetch: door, ledger: simulator.ledger, simulator, clients: () => createClients(door) };
}
