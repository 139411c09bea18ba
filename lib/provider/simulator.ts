import type { Clock } from '../clock/index.ts';
import { checkFaults, type Fault } from './faults.ts';
import { createLedger, type LedgerWriter } from './ledger.ts';
import { type ModelPrice, priceOf } from './money.ts';
import { createPlaces, type Places } from './places.ts';
import { type Deployment, type ProviderPlan, resolveDeployment } from './plan.ts';
import { createPromptCache, type PromptCache } from './prompt-cache.ts';
import { createQuota, type Quota } from './quota.ts';
import { hash32, type Random } from './random.ts';
import { createStores, type Stores } from './stores.ts';

/** What an answer is made from. */
export interface AnswerRequest {
  /** Text of the last user message. */
  prompt: string;
  messages: readonly { role: string; content?: unknown }[];
  model: string;
  random: Random;
  /** Seed of the run, for draws that must not depend on the wording of the request. */
  seed: number;
  /** Tools offered, by name. */
  tools: readonly string[];
  /** The schema asked for by `response_format`, or undefined. */
  schema: Record<string, unknown> | undefined;
  /** Plain sentences of about so many tokens, for answers whose length matters and whose words do not. */
  sentences(tokens: number): string;
}

/** An answer that is more than a text. */
export interface WrittenAnswer {
  content?: string;
  toolCalls?: readonly { name: string; arguments: Record<string, unknown> }[];
  /** The model declines. */
  refusal?: string;
}

export type WriteAnswer = (request: AnswerRequest) => string | WrittenAnswer | undefined;

export interface SimulatorOptions {
  plan: ProviderPlan;
  seed: number;
  clock: Clock;
  faults?: readonly Fault[];
  /** Writes the answers. Where it gives none: what tools and schema ask for, else sentences of a drawn length. */
  answer?: WriteAnswer;
  /** `totals` keeps no call once it has ended: for runs whose memory must not grow. Default: `calls`. */
  ledger?: 'calls' | 'totals';
}

/** A request on its way in, as the door saw it. */
export interface Arrival {
  /** 1 for the first, in the order in which clients called. */
  ordinal: number;
  /** How many requests with the same body came before. */
  repeat: number;
  text: string;
  /** The parts of a multipart body. */
  form?: FormData;
  url: URL;
  /** Aborts when the client goes away; undefined for a client that never does. */
  signal: AbortSignal | undefined;
}

/** What one deployment keeps between requests. */
export interface DeploymentState {
  quota: Quota;
  places: Places;
  cache: PromptCache;
}

/** The state behind the provider's routes. */
export interface Simulator {
  readonly plan: ProviderPlan;
  readonly seed: number;
  readonly clock: Clock;
  readonly faults: readonly Fault[];
  readonly answer: WriteAnswer | undefined;
  readonly ledger: LedgerWriter;
  readonly deployments: readonly Deployment[];
  readonly stores: Stores;
  deployment(vendor: 'openai' | 'azure', name: string): Deployment | undefined;
  stateOf(deployment: Deployment): DeploymentState;
  priceOf(model: string): ModelPrice;
  /** Takes note of a request, at once when the client calls, so that draws do not depend on who is read first. */
  arrive(request: Omit<Arrival, 'ordinal' | 'repeat'>): number;
  /** The arrival of that number; it is handed out once. */
  arrival(ordinal: number): Arrival;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const { plan, seed, clock, faults = [], answer, ledger = 'calls' } = options;
  const deployments = Object.entries(plan.deployments).map(([name, each]) => resolveDeployment(name, each));
  checkFaults(
    faults,
    deployments.map((each) => each.name),
  );
  const byName = new Map(deployments.map((each) => [`${each.vendor} ${each.name}`, each]));
  const states = new Map(deployments.map((each) => [each, newState(each)]));
  const arrivals = new Map<number, Arrival>();
  const repeats = ledger === 'calls' ? countByText() : countByHash();
  let count = 0;

  return {
    plan,
    seed,
    clock,
    faults,
    answer,
    ledger: createLedger(ledger),
    deployments,
    stores: createStores(),
    deployment: (vendor, name) => byName.get(`${vendor} ${name}`),
    stateOf: (deployment) => states.get(deployment) as DeploymentState,
    priceOf: (model) => plan.prices?.[model] ?? priceOf(model),
    arrive(request) {
      count += 1;
      arrivals.set(count, { ...request, ordinal: count, repeat: repeats(request.text) });
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

function newState(deployment: Deployment): DeploymentState {
  return {
    quota: createQuota(deployment),
    places: createPlaces(deployment),
    cache: createPromptCache(deployment.promptCache),
  };
}

type CountRepeats = (text: string) => number;

function countByText(): CountRepeats {
  const seen = new Map<string, number>();
  return (text) => {
    const repeat = seen.get(text) ?? 0;
    seen.set(text, repeat + 1);
    return repeat;
  };
}

/** Constant memory: two texts in a million share a counter, which only changes what is drawn for them. */
function countByHash(): CountRepeats {
  const seen = new Uint16Array(1 << 20);
  return (text) => {
    const slot = hash32(text) & (seen.length - 1);
    const repeat = seen[slot] ?? 0;
    seen[slot] = repeat + 1;
    return repeat;
  };
}
