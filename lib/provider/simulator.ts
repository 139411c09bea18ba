import type { Clock } from '../clock/index.ts';
import { checkFaults, type Fault, type FaultEffect, type FaultRequest, faultFor } from './faults.ts';
import { createLedger, type LedgerWriter } from './ledger.ts';
import { findModel, isServed, type Model } from './models.ts';
import { type ModelPrice, priceOf } from './money.ts';
import { createPromptCache, type PromptCache } from './prompt-cache.ts';
import { type Deployment, type ProviderPlan, resolveDeployment } from './provider-plan.ts';
import { createQuota, type Quota } from './quota.ts';
import { createSeats, type Seats } from './seats.ts';
import type { Pause } from './steps.ts';
import { createStores, type Stores } from './stores.ts';
import type { WriteAnswer } from './written.ts';

export interface SimulatorOptions {
  plan: ProviderPlan;
  seed: number;
  clock: Clock;
  faults?: readonly Fault[];
  /** Writes the answers. Where it gives none: what tools and schema ask for, else sentences of a drawn length. */
  answer?: WriteAnswer;
  /** `totals` keeps no call once it has ended: for runs whose memory must not grow. Default: `calls`. */
  ledger?: 'calls' | 'totals';
  /** Lets others have their turn while something long is worked on: for servers. Default: it is done in one go. */
  pause?: Pause;
  /** How many times faster than the client's the clock runs: waits told to clients are shorter by it. Default: 1. */
  speed?: number;
}

/** What one deployment keeps between requests. */
export interface DeploymentState {
  quota: Quota;
  seats: Seats;
  cache: PromptCache;
}

/** The state behind the provider's routes. */
export interface Simulator {
  readonly plan: ProviderPlan;
  readonly seed: number;
  /** A time of this clock as the client's clock measures it, in whole milliseconds, rounded up. */
  clientMs(ms: number): number;
  readonly clock: Clock;
  readonly answer: WriteAnswer | undefined;
  readonly pause: Pause | undefined;
  readonly ledger: LedgerWriter;
  readonly deployments: readonly Deployment[];
  readonly stores: Stores;
  deployment(vendor: 'openai' | 'azure', name: string): Deployment | undefined;
  stateOf(deployment: Deployment): DeploymentState;
  /** What the plan of faults has for a request. */
  effectFor(request: FaultRequest): FaultEffect | undefined;
  /** Puts another plan in the place of the one before; what was counted for `times` begins again. */
  setFaults(faults: readonly Fault[]): void;
  priceOf(model: string): ModelPrice;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const { plan, seed, clock, faults = [], answer, ledger = 'calls', speed = 1, pause } = options;
  const deployments = Object.entries(plan.deployments).map(([name, each]) => resolveDeployment(name, each));
  const byName = { openai: new Map<string, Deployment>(), azure: new Map<string, Deployment>() };
  // Answers name the dated snapshot, and a client may ask for what it was told. A model that has had its last day on
  // this platform is not found any more.
  const served = deployments.filter((each) => isServed(modelOf(each), each.vendor));
  for (const each of served) if (each.vendor === 'openai') byName.openai.set(modelOf(each).snapshot, each);
  for (const each of served) byName[each.vendor].set(each.name, each);
  const states = new Map(deployments.map((each) => [each, newState(each, speed)]));
  let planned: readonly Fault[] = [];
  let met = new Map<Fault, number>();
  setFaults(faults);

  return {
    plan,
    seed,
    clientMs: (ms) => Math.ceil(ms / speed - 1e-6),
    clock,
    answer,
    pause,
    ledger: createLedger(ledger),
    deployments,
    stores: createStores(),
    deployment: (vendor, name) => byName[vendor].get(name),
    stateOf: (deployment) => states.get(deployment) as DeploymentState,
    priceOf: (model) => plan.prices?.[model] ?? priceOf(model),
    effectFor: (request) => faultFor(planned, request, seed, met),
    setFaults,
  };

  function setFaults(next: readonly Fault[]): void {
    checkFaults(
      next,
      deployments.map((each) => each.name),
    );
    planned = next;
    met = new Map();
  }
}

function modelOf({ model }: Deployment): Model {
  return findModel(model) as Model;
}

function newState(deployment: Deployment, speed: number): DeploymentState {
  return {
    quota: createQuota(deployment, speed),
    seats: createSeats(deployment),
    cache: createPromptCache(deployment.promptCache),
  };
}
