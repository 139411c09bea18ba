/** What a day's `provider.ts` and a lab's `scenario.ts` are written with. */
export type { Fault, FaultEffect, FaultMatch } from './faults.ts';
export type { Call, Ledger, LedgerTotals } from './ledger.ts';
export { inWords, type Reading, reached, type Unit } from './metrics.ts';
export { type DeploymentPlan, defineProvider, type ProviderPlan } from './plan.ts';
export type { Quote } from './quote.ts';
export { type Random, randomFor } from './random.ts';
export { defineScenario, type Run, type Scenario, type World } from './scenario.ts';
export { percentile, sum } from './stats.ts';
