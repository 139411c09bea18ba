/** The words a check file is written with. */
export { type CheckHandle, type CheckOptions, check, step } from './check.ts';
export { CheckFailure, type Finding, hold, SubjectThrew } from './failure.ts';
export { type Permit, permit } from './permit.ts';
export { meets, type PlayedRun, play, playEach, trial } from './play.ts';
export { record } from './record.ts';
export type { Json } from './session.ts';
