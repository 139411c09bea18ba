import type { Clock as FakeTimers } from '@sinonjs/fake-timers';
import { type Activity, watchActivity } from './activity.ts';
import { type Clock, sleepWith } from './clock.ts';
import { ClockLimitError, StuckError } from './errors.ts';
import { EPOCH_MS, installVirtualGlobals, type VirtualGlobals } from './globals.ts';

export interface VirtualClockLimits {
  /** Virtual time after which a run is stopped. Default: two days. */
  maxMs?: number;
  /** Timers fired after which a run is stopped. Default: 200,000, twenty times what any lab needs, and some three seconds. */
  maxTimers?: number;
  /** Awaited before time steps to `nextMs`: for a run that people watch. Default: it steps at once. */
  pace?: (nextMs: number) => Promise<void>;
}

export interface VirtualClock extends Clock {
  /**
   * Runs `body` with the process on virtual time until its promise settles, then puts the globals back.
   * Rejects with `StuckError` when nothing could ever wake the body, with `ClockLimitError` past a limit.
   */
  run<T>(body: () => Promise<T>): Promise<T>;
  /** Keeps time from stepping until the returned function is called: for sockets and child processes. */
  hold(): () => void;
}

/** How many turns of the event loop one may ask for in a row before time goes on: a poll, not work. */
const MAX_TURNS = 10_000;
/** Real time to wait for unseen work (a dynamic import, say) before a run is called stuck. */
const STUCK_GRACE_MS = 40;

const native = { setTimeout };
let active: VirtualClock | undefined;

/** Holds the virtual clock that owns the process now, if one does: for machinery that loads code on demand. */
export function holdRunningClock(): () => void {
  return active?.hold() ?? (() => {});
}

/**
 * A clock that steps to the next timer only when all code has run as far as it can: no microtask, no thread-pool
 * work, no held resource is left. What it measures is therefore exact, however busy the machine is.
 */
export function createVirtualClock(limits: VirtualClockLimits = {}): VirtualClock {
  const { maxMs = 48 * 3_600_000, maxTimers = 200_000, pace } = limits;
  let globals: VirtualGlobals | undefined;
  let stoppedAtMs = 0;
  let holds = 0;
  let release: (() => void) | undefined;

  const clock = Object.freeze<VirtualClock>({
    now: () => (globals ? globals.timers.now - EPOCH_MS : stoppedAtMs),
    sleep: sleepWith(
      (wake, ms) => running().setExactTimer(wake, ms),
      (timer) => running().timers.clearTimeout(timer),
    ),
    hold() {
      holds += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        holds -= 1;
        if (holds === 0) release?.();
      };
    },
    async run(body) {
      if (active)
        throw new Error('A virtual clock is running already: only one can own the process at a time.');
      active = clock;
      const installed = installVirtualGlobals();
      const activity = watchActivity();
      globals = installed;
      try {
        return await drive(body, activity, installed.timers);
      } finally {
        stoppedAtMs = clock.now();
        globals = undefined;
        activity.stop();
        installed.restore();
        active = undefined;
      }
    },
  });
  return clock;

  function running(): VirtualGlobals {
    if (!globals) throw new Error('This virtual clock is not running: call it inside `clock.run(…)`.');
    return globals;
  }

  async function drive<T>(body: () => Promise<T>, activity: Activity, timers: FakeTimers): Promise<T> {
    let settled = false;
    const result = Promise.resolve()
      .then(body)
      .finally(() => {
        settled = true;
      });
    result.catch(() => {}); // The caller gets it from `await result`; until then it must not count as unhandled.
    for (let fired = 0; ; fired += 1) {
      await quiet(activity);
      if (settled) return await result;
      if (timers.countTimers() === 0) {
        if (await nothingComes(activity, timers, () => settled)) throw new StuckError(clock.now());
        continue;
      }
      if (fired >= maxTimers)
        throw new ClockLimitError(
          `after ${maxTimers.toLocaleString('en-GB')} timers and ${inHours(clock.now())} of virtual time it was still not done.`,
        );
      if (pace) await pace(nextTimerMs(timers));
      timers.next();
      if (clock.now() > maxMs)
        throw new ClockLimitError(
          `after ${inHours(maxMs)} of virtual time and ${(fired + 1).toLocaleString('en-GB')} timers it was still not done.`,
        );
    }
  }

  function nextTimerMs({ timers = new Map() }: FakeTimers): number {
    return Math.min(...[...timers.values()].map(({ callAt = 0 }) => callAt)) - EPOCH_MS;
  }

  /** Resolves when all code has run as far as it can without time passing. */
  async function quiet(activity: Activity): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; ) {
      const again = await activity.turn();
      if (again) turns += 1;
      else if (activity.busy()) await activity.idle();
      else if (holds > 0) await new Promise<void>((resolve) => (release = resolve));
      else return;
    }
  }

  async function nothingComes(
    activity: Activity,
    timers: FakeTimers,
    settled: () => boolean,
  ): Promise<boolean> {
    await new Promise((resolve) => native.setTimeout(resolve, STUCK_GRACE_MS));
    await quiet(activity);
    return !settled() && timers.countTimers() === 0;
  }
}

/** "90 s", "36.5 min", "48 h". */
function inHours(ms: number): string {
  const [size, unit] = ms < 120_000 ? [1000, 's'] : ms < 7_200_000 ? [60_000, 'min'] : [3_600_000, 'h'];
  return `${Math.round(ms / (size / 10)) / 10} ${unit}`;
}
