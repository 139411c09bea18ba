import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import {
  type Clock,
  ClockLimitError,
  createRealClock,
  createVirtualClock,
  StuckError,
  type VirtualClock,
} from '../clock/index.ts';
import { type Clients, createClients } from './clients.ts';
import type { Fault } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Reading } from './metrics.ts';
import { createProvider } from './provider.ts';
import type { ProviderPlan } from './provider-plan.ts';
import { type Quote, quote } from './quote.ts';
import { type Random, randomFor } from './random.ts';
import { keyedMathRandom, keyRetryJitter } from './retry-jitter.ts';
import type { Simulator } from './simulator.ts';
import type { WriteAnswer } from './written.ts';

/** What a scenario's functions can use. */
export interface World<T> extends Clients {
  seed: number;
  random: Random;
  clock: Clock;
  /** The model to ask for: the first deployment of the plan, or in a live run the one that the account has. */
  model: string;
  traffic: T;
  ledger: Ledger;
  /** What a request takes by itself; for limits and oracles. */
  quote(vendor: 'openai' | 'azure', body: ChatCompletionCreateParams): Quote;
}

/** One play of a scenario, as checks and reports read it. */
export interface Run<T, V> extends Pick<World<T>, 'seed' | 'traffic' | 'ledger' | 'quote'> {
  /** What came of the subject: its value, or what it threw. */
  outcome: { ok: true; value: V } | { ok: false; error: unknown };
  /** When the subject's promise settled. */
  settledMs: number;
  /** Rejections that nobody handled. */
  unhandled: unknown[];
  /** Addresses other than the provider's that the subject called. */
  strayUrls: string[];
  /** The lab's figures by name; empty when the subject threw. */
  readings: Record<string, Reading>;
}

/** A lab's seeded traffic and provider behaviour, and how they are put to a subject. */
export interface Scenario<S, T, V> {
  /** Without it the lab makes no calls. */
  provider?: ProviderPlan;
  /** What is handed to the subject, made from the seed. */
  traffic(random: Random): T;
  /** Puts the traffic to the subject. */
  play(subject: S, world: World<T>): Promise<V> | V;
  /** The figures of a run, each with its target and its computed limit. */
  readings?(run: Run<T, V> & { outcome: { ok: true; value: V } }): Record<string, Reading>;
  /** A drawing in plain text of what the run was like, for screens to show under the figures. */
  chart?(run: Run<T, V> & { outcome: { ok: true; value: V } }): string;
  faults?: readonly Fault[];
  /** Writes the provider's answers; where it gives none they are sentences of a drawn length. */
  answer?: WriteAnswer;
}

/** Types a scenario from its parts. */
export function defineScenario<S, T, V>(scenario: Scenario<S, T, V>): Scenario<S, T, V> {
  return scenario;
}

export interface SimulateOptions {
  seed: number;
  /** `virtual` (the default) grades an hour in a second; `real` runs at human speed. */
  time?: 'virtual' | 'real';
  /** Awaited before virtual time steps to `nextMs`: for a run that people watch. */
  pace?: (nextMs: number) => Promise<void>;
}

/**
 * Plays a scenario with a subject. While it runs, the process's `fetch` is the provider and, in virtual time, its
 * timers are the clock's and `Math.random` is seeded; afterwards everything is as before. Whatever the subject does is
 * in the returned run; only a fault of the scenario itself rejects.
 */
export async function simulate<S, T, V>(
  scenario: Scenario<S, T, V>,
  subject: S,
  { seed, time = 'virtual', pace }: SimulateOptions,
): Promise<Run<T, V>> {
  const virtual = time === 'virtual' ? createVirtualClock({ pace }) : undefined;
  const clock = virtual ?? createRealClock();
  const { provider: plan = NO_PROVIDER, faults = [], answer } = scenario;
  const strayUrls: string[] = [];
  const faulty: unknown[] = [];
  const { simulator, fetch: door } = createProvider({
    plan,
    seed,
    clock,
    faults,
    ...(answer && { answer }),
    // The SDK asks for `data:,` to see what fetch there is; that reaches nothing.
    onRefused: (url) => url.startsWith('data:') || strayUrls.push(url),
    onFault: (error) => faulty.push(error),
  });
  const traffic = scenario.traffic(randomFor(seed, 'traffic'));
  const run: Run<T, V> = {
    seed,
    traffic,
    ledger: simulator.ledger,
    quote: (vendor, body) => quote(simulator, vendor, body),
    outcome: { ok: false, error: undefined },
    settledMs: 0,
    unhandled: [],
    strayUrls,
    readings: {},
  };
  const restoreFetch = replaceFetch(door);
  const restoreRejections = collectRejections(run.unhandled);
  const restoreRandom = virtual ? seedMathRandom(seed, clock) : ignore;
  try {
    const model = simulator.deployments[0]?.name ?? '';
    const world = { ...run, ...createClients(), clock, model, random: randomFor(seed, 'world') };
    await within(virtual, () => playOut(scenario, subject, world, simulator, run));
  } catch (error) {
    if (virtual && scenario.provider && (error instanceof StuckError || error instanceof ClockLimitError))
      error.message += ` By then it had made ${callsInWords(simulator.ledger.calls.length)}.`;
    run.outcome = { ok: false, error };
    run.settledMs = clock.now();
  } finally {
    restoreRandom();
    restoreRejections();
    restoreFetch();
  }
  if (faulty.length > 0) throw faulty[0];
  if (isOk(run)) run.readings = scenario.readings?.(run) ?? {};
  return run;
}

function callsInWords(count: number): string {
  return count === 1 ? 'one call' : `${count === 0 ? 'no' : count} calls`;
}

function isOk<T, V>(run: Run<T, V>): run is Run<T, V> & { outcome: { ok: true; value: V } } {
  return run.outcome.ok;
}

async function playOut<S, T, V>(
  scenario: Scenario<S, T, V>,
  subject: S,
  world: World<T>,
  simulator: Simulator,
  run: Run<T, V>,
): Promise<void> {
  try {
    run.outcome = { ok: true, value: await scenario.play(subject, world) };
  } catch (error) {
    run.outcome = { ok: false, error };
  }
  run.settledMs = world.clock.now();
  // What the subject left running goes on and is billed, as it would be at a real provider.
  while (simulator.ledger.inFlight() > 0) await world.clock.sleep(DRAIN_STEP_MS);
  await world.clock.sleep(DRAIN_STEP_MS);
}

/** Of a lab that makes no calls. */
export const NO_PROVIDER: ProviderPlan = { deployments: {} };

/** How often the end of abandoned calls is looked for. */
const DRAIN_STEP_MS = 50;

function within(virtual: VirtualClock | undefined, body: () => Promise<void>): Promise<void> {
  return virtual ? virtual.run(body) : body();
}

function replaceFetch(door: typeof fetch): () => void {
  const original = globalThis.fetch;
  globalThis.fetch = door;
  return () => {
    globalThis.fetch = original;
  };
}

/** Draws of the SDK and of the learner's code, each keyed by what it is for. */
function seedMathRandom(seed: number, clock: Clock): () => void {
  const original = Math.random;
  Math.random = keyedMathRandom(seed, clock.now);
  const restoreJitter = keyRetryJitter(seed);
  return () => {
    restoreJitter();
    Math.random = original;
  };
}

/** Takes the place of all other listeners, so that a test runner does not blame its own test. */
function collectRejections(into: unknown[]): () => void {
  const others = process.listeners('unhandledRejection');
  const collect = (reason: unknown) => into.push(reason);
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', collect);
  // With a listener Node does not warn on the terminal when a rejection is handled after all.
  process.on('rejectionHandled', ignore);
  return () => {
    process.off('unhandledRejection', collect);
    process.off('rejectionHandled', ignore);
    for (const listener of others) process.on('unhandledRejection', listener);
  };
}

function ignore(): void {}
