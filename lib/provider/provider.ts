import { type Clock, createRealClock } from '../clock/index.ts';
import { type Clients, createClients } from './clients.ts';
import { type Core, createCore } from './core.ts';
import { createFetch } from './doors/fetch.ts';
import { everyModel } from './every-model.ts';
import type { Fault } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';

export interface ProviderOptions extends Partial<SimulatorOptions> {
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
  /** Puts other rules in the place of `faults`, from the next request on. */
  setFaults(faults: readonly Fault[]): void;
  simulator: Simulator;
  /** Clients of the real SDK that call by this provider's `fetch`. */
  clients(): Clients;
}

/** Without options: every model of the catalogue, seed 1, in real time. */
export function createProvider({ onRefused, onFault = () => {}, ...given }: ProviderOptions = {}): Provider {
  const { speed = 1 } = given;
  const options = {
    plan: given.plan ?? everyModel(),
    seed: 1,
    clock: given.clock ?? faster(speed),
    ...given,
  };
  const simulator = createSimulator(options);
  const answer = createCore(simulator, { onFault, constantMemory: options.ledger === 'totals' });
  const door = createFetch(answer, onRefused);
  return {
    answer,
    fetch: door,
    ledger: simulator.ledger,
    setFaults: simulator.setFaults,
    simulator,
    clients: () => createClients(door),
  };
}

/** Real time, so many times faster. */
function faster(speed: number): Clock {
  const clock = createRealClock();
  return { now: () => clock.now() * speed, sleep: (ms, signal) => clock.sleep(ms / speed, signal) };
}
