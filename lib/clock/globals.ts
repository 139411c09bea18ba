import { syncBuiltinESMExports } from 'node:module';
import { type Clock as FakeTimers, withGlobal } from '@sinonjs/fake-timers';

/** Where virtual time starts: a Monday morning, the same on every machine. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 9, 0, 0);

/**
 * Puts the process on virtual time: `setTimeout`, `setInterval`, `Date`, `process.hrtime`, `performance.now`,
 * `AbortSignal.timeout` and `timers/promises`. `setImmediate`, `nextTick` and `queueMicrotask` stay real: they wait
 * for the event loop, not for time. Returns the timers and a function that puts everything back.
 */
export function installVirtualGlobals(): { timers: FakeTimers; restore: () => void } {
  const timers = withGlobal(globalThis).install({
    now: EPOCH_MS,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'hrtime'],
  });
  // fake-timers would replace all of `performance` and so lose marks and event-loop figures; one method is enough.
  Object.defineProperty(performance, 'now', { configurable: true, value: () => timers.now - EPOCH_MS });
  const nativeTimeout = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => timeoutSignal(timers, ms);
  // Named imports (`import { setTimeout } from 'node:timers/promises'`) only follow after this.
  syncBuiltinESMExports();
  return {
    timers,
    restore() {
      timers.uninstall();
      Reflect.deleteProperty(performance, 'now');
      AbortSignal.timeout = nativeTimeout;
      syncBuiltinESMExports();
    },
  };
}

function timeoutSignal(timers: FakeTimers, ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  timers.setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}
