import { createRealClock } from '../clock/index.ts';
import { type Call, ledgerOf } from './ledger.ts';
import { createProvider } from './provider.ts';
import { quote } from './quote.ts';
import { randomFor } from './random.ts';
import { NO_PROVIDER, type Run, type Scenario } from './scenario.ts';

/** What is left of a play when only data can be kept: the rest is drawn again from its seed. */
export interface PlayRecord<V>
  extends Pick<Run<unknown, V>, 'outcome' | 'settledMs' | 'unhandled' | 'strayUrls'> {
  calls: Call[];
  /** Most calls under way at one time: by deployment, and under "" over all. */
  peaks: Record<string, number>;
}

export function recordOf<T, V>({
  outcome,
  settledMs,
  unhandled,
  strayUrls,
  ledger,
}: Run<T, V>): PlayRecord<V> {
  const names = new Set(['', ...ledger.calls.map((call) => call.deployment)]);
  const peaks = Object.fromEntries([...names].map((name) => [name, ledger.peakInFlight(name)]));
  return { outcome, settledMs, unhandled, strayUrls, calls: [...ledger.calls], peaks };
}

/** The run that a record tells of. Its traffic and quotes are the scenario's own on that seed, its sums are added up anew. */
export function replayed<S, T, V>(
  scenario: Scenario<S, T, V>,
  { calls, peaks, ...record }: PlayRecord<V>,
  seed: number,
): Run<T, V> {
  const { provider: plan = NO_PROVIDER, faults = [], answer } = scenario;
  const { simulator } = createProvider({
    ...{ plan, seed, faults, clock: createRealClock() },
    ...(answer && { answer }),
  });
  return {
    ...record,
    ...{ seed, readings: {} },
    traffic: scenario.traffic(randomFor(seed, 'traffic')),
    ledger: ledgerOf(calls, peaks),
    quote: (vendor, body) => quote(simulator, vendor, body),
  };
}
