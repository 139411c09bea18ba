/** What a day's `provider.ts` and a lab's `scenario.ts` are written with. */
export { faultTimeline } from './fault-timeline.ts';
export {
  brownOut,
  type Fault,
  type FaultEffect,
  type FaultMatch,
  greyFailure,
  rateLimitStorm,
} from './faults.ts';
export { LAB_PACE } from './lab-pace.ts';
export type { Call, Ledger, LedgerTotals } from './ledger.ts';
export { SERVICES_URL, type ServiceAnswer } from './media/services.ts';
export { inWords, type Reading, reached, type Unit } from './metrics.ts';
export { findModel, leastEffort, modelFor, quick, type Role } from './models.ts';
export { createOracle, type Oracle, type OracleTask } from './oracle.ts';
export type { Premise } from './premises.ts';
export { createProvider, type Provider, type ProviderOptions } from './provider.ts';
export { type DeploymentPlan, defineProvider, type ProviderPlan } from './provider-plan.ts';
export type { Quote } from './quote.ts';
export { type Random, randomFor } from './random.ts';
export { defineScenario, type Run, type Scenario, type World } from './scenario.ts';
export { percentile, sum } from './stats.ts';
export {
  type ArrivalPlan,
  type Arrivals,
  burstyArrivals,
  diurnalArrivals,
  poissonArrivals,
} from './traffic/arrivals.ts';
export { filler, promptFor } from './traffic/filler.ts';
export { openLoop, type Sent } from './traffic/open-loop.ts';
export { type SessionPlan, sessions, type Turn, zipf } from './traffic/popularity.ts';
export {
  readAzureTrace,
  readMooncakeTrace,
  readTrace,
  type TextSource,
  TraceError,
  type TraceRequest,
} from './traffic/traces.ts';
export { SIMULATED_KEY } from './vendors.ts';
