import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { traceOf } from '../../check/trace.ts';
import { createRealClock } from '../../clock/index.ts';
import { createClients } from '../../provider/clients.ts';
import { createLedger } from '../../provider/ledger.ts';
import { randomFor } from '../../provider/random.ts';
import { type Scenario, simulate, type World } from '../../provider/scenario.ts';
import { readTrace, type TraceRequest } from '../../provider/traffic/traces.ts';
import type { LiveVerdict, RunEvent, RunRequest } from '../../workbook/run-events.ts';
import { refuseNetwork, refuseProcesses } from '../answer/refusals.ts';
import { chooseAccount } from './account.ts';
import { BudgetError, createBudget } from './budget.ts';
import { observe } from './observe.ts';

type AnyScenario = Scenario<unknown, unknown, unknown>;

/** Taken before virtual time is put in their place. */
const real = { setTimeout, now: performance.now.bind(performance) };

/** What a scenario file offers. */
interface Played {
  scenario: AnyScenario;
  /** In labs that take recorded traffic. */
  replay?: (trace: readonly TraceRequest[]) => AnyScenario;
}

/** Plays a lab's scenario with the learner's code, and tells the parent process what happens. */
export async function play(request: RunRequest): Promise<void> {
  try {
    const load = createRequire(import.meta.url);
    const { scenario, replay } = load(request.scenarioFile) as Played;
    const subject = load(request.subjectFile);
    // Only now: compiling what was loaded takes a process of its own.
    if (request.mode !== 'live') guard();
    if (request.mode === 'estimate') await estimate(scenario, subject, request);
    else if (request.mode === 'simulated') await atHumanSpeed(scenario, subject, request);
    else if (request.mode === 'replay') await replayTrace(replay, subject, request);
    else await live(scenario, subject, request);
  } catch (error) {
    tell({
      event: 'refused',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
  }
  process.disconnect();
}

// --- four ways to play ------------------------------------------------------------------------------------------

async function estimate(scenario: AnyScenario, subject: unknown, { seed }: RunRequest): Promise<void> {
  const { settledMs, ledger } = await simulate(scenario, subject, { seed });
  const { calls, costMicroUsd } = ledger.totals();
  tell({ event: 'estimate', ms: settledMs, calls, costMicroUsd, live: canBeLive(scenario) });
}

/** Exact, because time is virtual, and slow enough to watch: each step of it is waited for. */
async function atHumanSpeed(
  scenario: AnyScenario,
  subject: unknown,
  { seed, speed }: RunRequest,
): Promise<void> {
  const watched: AnyScenario = {
    ...scenario,
    play(subject, world) {
      const now = () => world.clock.now();
      // Clients take the global fetch when they are made, so new ones are made; `simulate` puts the old fetch back.
      globalThis.fetch = observe(globalThis.fetch, now, tell);
      return settle(now, () => scenario.play(subject, { ...world, ...createClients() }));
    },
  };
  tell({ event: 'played', play: traceOf(await simulate(watched, subject, { seed, pace: paceAt(speed) })) });
}

/** A recorded day in virtual time. */
async function replayTrace(
  replay: Played['replay'],
  subject: unknown,
  { seed, trace = '' }: RunRequest,
): Promise<void> {
  if (!replay) return tell({ event: 'refused', message: 'it takes no recorded traffic. day4.5 does.' });
  const requests: TraceRequest[] = [];
  for await (const request of readTrace(createReadStream(trace))) requests.push(request);
  if (requests.length === 0) return tell({ event: 'refused', message: 'the file holds no requests.' });
  const scenario = replay(requests);
  const run = await simulate(scenario, subject, { seed });
  const { outcome } = run;
  if (!outcome.ok) throw outcome.error;
  tell({ event: 'replayed', text: scenario.chart?.({ ...run, outcome }) ?? '' });
}

async function live(scenario: AnyScenario, subject: unknown, request: RunRequest): Promise<void> {
  const { seed, budgetUsd, expectedCalls } = request;
  const choice = chooseAccount(process.env);
  if (!choice.ok) return tell({ event: 'refused', message: choice.problem });
  const { account } = choice;
  const clock = createRealClock();
  const budget = createBudget(budgetUsd, account, expectedCalls);
  const tellAndSettle = (event: RunEvent) => {
    if (event.event === 'ended') budget.settle(event);
    tell(event);
  };
  const guarded = budget.guard(observe(globalThis.fetch, () => clock.now(), tellAndSettle));
  // The SDK wraps the error, and the code may catch it, so it is told where it arises.
  const fetch: typeof globalThis.fetch = async (input, init) => {
    try {
      return await guarded(input, init);
    } catch (error) {
      if (error instanceof BudgetError) tell({ event: 'refused', message: error.message });
      throw error;
    }
  };
  const client = account.connect(fetch);
  const world = {
    ...{ seed, clock, model: account.model, random: randomFor(seed, 'world'), ledger: createLedger() },
    ...{ openai: client, azure: client, traffic: scenario.traffic(randomFor(seed, 'traffic')) },
    quote: () => {
      throw new Error(
        'A live run has no quotes: only the simulated provider knows beforehand what a call takes.',
      );
    },
  } as unknown as World<unknown>;
  try {
    await settle(
      () => clock.now(),
      () => scenario.play(subject, world),
      account.secrets,
    );
  } catch {
    // It was told.
  }
}

/** Faults and quotas are the simulator's: an account of one's own cannot be made to have them. */
function canBeLive({ provider, faults = [] }: AnyScenario): LiveVerdict {
  const [first] = Object.values(provider?.deployments ?? {});
  if (!first) return { ok: false, why: 'it makes no calls' };
  if (Object.keys(provider?.services ?? {}).length > 0)
    return { ok: false, why: 'it buys at services that only the simulated provider has' };
  if (faults.length > 0)
    return { ok: false, why: 'its traffic needs failures that only the simulated provider has' };
  if (first.maxConcurrent !== undefined || first.quota || first.load) {
    return { ok: false, why: 'it needs quotas that only the simulated provider has' };
  }
  return { ok: true };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Waits until as much real time has passed as has virtual, divided by `speed`. */
function paceAt(speed: number): (nextMs: number) => Promise<void> {
  const startMs = real.now();
  return (nextMs) =>
    new Promise((resolve) => real.setTimeout(resolve, startMs + nextMs / speed - real.now()));
}

async function settle<V>(now: () => number, work: () => Promise<V> | V, secrets: string[] = []): Promise<V> {
  try {
    const value = await work();
    tell({ event: 'settled', atMs: now() });
    return value;
  } catch (error) {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    tell({
      event: 'settled',
      atMs: now(),
      error: secrets.reduce((text, each) => text.replaceAll(each, '(key)'), said),
    });
    throw error;
  }
}

function tell(event: RunEvent): void {
  process.send?.(event);
}

function guard(): void {
  const report = () => {};
  refuseNetwork(report);
  refuseProcesses(report);
}
