import { expect, test } from 'vitest';
import { callAndLeave, type Ended, isLetGo, leavesNoListener } from '../../lib/check/cancellation.ts';
import { timersLeftBy } from '../../lib/check/timers.ts';
import { createVirtualClock, type VirtualClock } from '../../lib/clock/index.ts';

/** Runs it on virtual time. */
function inTime<T>(body: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const clock = createVirtualClock();
  return clock.run(() => body(clock));
}

/** Waits a second for its turn, and leaves the line when its signal aborts. */
function turnIn(clock: VirtualClock): (signal: AbortSignal) => Promise<string> {
  return async (signal) => {
    await clock.sleep(1000, signal);
    return 'a turn';
  };
}

/** Waits a second, whatever its signal says, and goes on listening. */
function deaf(signal: AbortSignal): Promise<void> {
  signal.addEventListener('abort', () => {});
  return new Promise((resolve) => setTimeout(resolve, 1000));
}

function said(hold: () => void): string {
  try {
    hold();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

test('a caller is seen to be let go before, while it waits, after its turn, and when it stays', async () => {
  const seen = await inTime(async (clock) => [
    await callAndLeave(clock, 'before', turnIn(clock)),
    await callAndLeave(clock, 200, turnIn(clock)),
    await callAndLeave(clock, 'after', turnIn(clock)),
    await callAndLeave(clock, 'never', turnIn(clock)),
  ]);
  const left = { how: 'rejected', error: 'Error: the user left', isReason: true, listeners: 0 };
  const stayed = { how: 'resolved', value: 'a turn', afterMs: 1000, isReason: false, listeners: 0 };
  expect(seen).toEqual([{ ...left, afterMs: 0 }, { ...left, afterMs: 200 }, stayed, stayed]);
});

test('a call that hears nothing of its signal is seen to go on, and to leave its listener', async () => {
  const seen = await inTime((clock) => callAndLeave(clock, 200, deaf));
  expect(said(() => isLetGo(seen, 'a caller', 200))).toMatch(/a caller got through after 1000 ms/);
  expect(said(() => leavesNoListener(seen, 'the call'))).toMatch(/a listener was left on its signal/);
});

test('a call that never settles, and one that throws at once, come to an end', async () => {
  const [never, thrown] = await inTime(async (clock) => [
    await callAndLeave(clock, 'never', () => new Promise(() => {})),
    await callAndLeave(clock, 'never', () => {
      throw new RangeError('too large');
    }),
  ]);
  expect(never?.how).toBe('never settled');
  expect(thrown).toMatchObject({ how: 'rejected', error: 'RangeError: too large', isReason: false });
});

test('another error than the reason of the signal is no reason', () => {
  const seen: Ended = {
    how: 'rejected',
    afterMs: 0,
    error: 'Error: the user left',
    isReason: false,
    listeners: 0,
  };
  expect(said(() => isLetGo(seen, 'a caller', 0))).toMatch(/expected its `signal.reason`/);
  expect(said(() => isLetGo({ ...seen, isReason: true }, 'a caller', 0))).toBe('nothing');
});

test('timers that are left behind are counted, and those that fired, were cleared or let the process end are not', async () => {
  const left = await inTime((clock) =>
    timersLeftBy(clock, async () => {
      setTimeout(() => {}, 60_000);
      setInterval(() => {}, 60_000);
      setTimeout(() => {}, 60_000).unref();
      clearTimeout(setTimeout(() => {}, 60_000));
      setTimeout(() => {}, 10);
      await clock.sleep(20);
    }),
  );
  expect(left).toBe(2);
});
