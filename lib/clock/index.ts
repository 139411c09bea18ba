export type { Clock, StopSignal } from './clock.ts';
export { ClockLimitError, StuckError } from './errors.ts';
export { UPTIME_MS } from './globals.ts';
export { createRealClock } from './real.ts';
export {
  createVirtualClock,
  holdRunningClock,
  type VirtualClock,
  type VirtualClockLimits,
} from './virtual.ts';
