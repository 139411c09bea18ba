import type { Clock } from '../clock/index.ts';
import type { Fault } from './faults.ts';
import { createLedger, type LedgerWriter } from './ledger.ts';
import { type Deployment, type ProviderPlan, resolveDeployment } from './plan.ts';
import type { Random } from './random.ts';

/** What an answer is made from. */
export interface AnswerRequest {
  /** Text of the last user message. */
  prompt: string;
  messages: readonly { role: string; content?: unknown }[];
  model: string;
  random: Random;
  /** Plain sentences of about so many tokens, for answers whose length matters and whose words do not. */
  sentences(tokens: number): string;
}

export interface SimulatorOptions {
  plan: ProviderPlan;
  seed: number;
  clock: Clock;
  faults?: readonly Fault[];
  /** Writes the answers. Where it gives none: sentences of a drawn length. */
  answer?: (request: AnswerRequest) => string | undefined;
}

/** A request on its way in, as the door saw it. */
export interface Arrival {
  /** 1 for the first, in the order in which clients called. */
  ordinal: number;
  /** How many requests with the same body came before. */
  repeat: number;
  text: string;
  signal: AbortSignal;
}

/** The state behind the provider's routes. */
export interface Simulator extends SimulatorOptions {
  faults: readonly Fault[];
  ledger: LedgerWriter;
  deployment(vendor: 'openai' | 'azure', name: string): Deployment | undefined;
  /** Takes note of a request, at once when the client calls, so that draws do not depend on who is read first. */
  arrive(text: string, signal: AbortSignal): number;
  /** The arrival of that number; it is handed out once. */
  arrival(ordinal: number): Arrival;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const deployments = new Map(
    Object.entries(options.plan.deployments).map(([name, plan]) => [name, resolveDeployment(name, plan)]),
  );
  const arrivals = new Map<number, Arrival>();
  const repeats = new Map<string, number>();
  let count = 0;

  return {
    faults: [],
    ...options,
    ledger: createLedger(),
    deployment(vendor, name) {
      const found = deployments.get(name);
      return found?.vendor === vendor ? found : undefined;
    },
    arrive(text, signal) {
      count += 1;
      const repeat = repeats.get(text) ?? 0;
      repeats.set(text, repeat + 1);
      arrivals.set(count, { ordinal: count, repeat, text, signal });
      return count;
    },
    arrival(ordinal) {
      const arrival = arrivals.get(ordinal);
      if (!arrival) throw new Error(`No request of number ${ordinal} is waiting at the provider's door.`);
      arrivals.delete(ordinal);
      return arrival;
    },
  };
}
